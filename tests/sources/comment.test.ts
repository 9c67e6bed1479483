import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { commentOf, keepComment } from "../../.github/comment.ts";

describe("the comment", () => {
  test("shows what there is, and cannot be ended by it", () => {
    const body = commentOf({ "rendered.diff": "-a\n+b\n", "preview.txt": "```\n# not a heading" }, "https://run");
    expect(body).toContain("Machine configs</summary>\n\n```diff\n-a\n+b\n```\n");
    expect(body).toContain("````diff\n```\n# not a heading\n````\n");
    expect(body).not.toContain("Validation");
  });

  test("is never longer than GitHub takes", () => {
    const long = "+a line of a diff\n".repeat(10_000);
    const body = commentOf({ "validation.txt": long, "rendered.diff": long, "preview.txt": long }, "https://run");
    expect(body.length).toBeLessThan(65_536);
    expect(body.match(/cut here/g)).toHaveLength(3);
  });

  test("is made once and then changed, whoever else quotes it", async () => {
    const comments: { id: number; body: string; user: { type: string } }[] = [];
    const body = commentOf({ "validation.txt": "fine" }, "https://run/1");
    for (let id = 0; id < 120; id++) comments.push({ id, body: id === 3 ? body : "hello", user: { type: "User" } });
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const url = new URL(request.url ?? "", "http://x");
      const page = Number(url.searchParams.get("page"));
      if (request.method === "GET") return void response.end(JSON.stringify(comments.slice((page - 1) * 100, page * 100)));
      const sent = JSON.parse(Buffer.concat(chunks).toString()) as { body: string };
      const changed = comments.find(({ id }) => url.pathname === `/repos/o/r/issues/comments/${id}`);
      if (changed) changed.body = sent.body;
      else comments.push({ id: comments.length, body: sent.body, user: { type: "Bot" } });
      response.end("{}");
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const pullRequest = { api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, repository: "o/r", number: "7", token: "t" };
    await keepComment(pullRequest, body);
    await keepComment(pullRequest, commentOf({ "validation.txt": "better" }, "https://run/2"));
    server.close();
    expect(comments).toHaveLength(121);
    expect(comments.at(-1)?.body).toContain("better");
    expect(comments[3]?.body).toBe(body);
  });
});

describe("the workflows", () => {
  const folder = join(import.meta.dirname, "../../.github/workflows");
  interface Job {
    if?: string;
    permissions?: Record<string, string>;
    steps: { uses?: string; run?: string; env?: Record<string, string> }[];
  }
  const workflows = readdirSync(folder).map((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    return { file, text, workflow: parse(text) as { on: unknown; permissions: object; jobs: Record<string, Job> } };
  });
  const jobs = workflows.flatMap(({ file, workflow }) =>
    Object.entries(workflow.jobs).map(([name, job]) => ({ name: `${file}: ${name}`, job })),
  );

  test("give a job no more than it needs, and no code of a fork anything", () => {
    for (const { text, workflow } of workflows) {
      expect(text).not.toContain("pull_request_target");
      // Without it a step passes when what it pipes into tee fails.
      if (text.includes("| tee")) expect(text).toContain("shell: bash");
      expect([{}, { contents: "read" }]).toContainEqual(workflow.permissions);
    }
    const writing = jobs.filter(({ job }) => Object.values(job.permissions ?? {}).includes("write"));
    expect(writing.map(({ name, job }) => [name, job.permissions])).toEqual([
      ["preview.yaml: comment", { contents: "read", "pull-requests": "write" }],
    ]);
    const trusted = jobs.filter(({ job }) => writing.some((other) => other.job === job) || JSON.stringify(job).includes("secrets."));
    expect(trusted.map(({ name }) => name)).toEqual(["preview.yaml: preview", "preview.yaml: comment"]);
    for (const { job } of trusted) expect(job.if).toContain("head.repo.full_name == github.repository");
  });

  test("name each action by its commit, and put nothing of a pull request into a script", () => {
    for (const { uses, run } of jobs.flatMap(({ job }) => job.steps)) {
      if (uses) expect(uses).toMatch(/@[0-9a-f]{40}$/);
      expect(run ?? "").not.toContain("${{");
    }
  });
});
