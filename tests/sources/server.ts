import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What a server on this machine answers for a path: a body, or a status with headers. */
export type Answers = Record<string, string | Buffer | { status: number; headers?: Record<string, string>; body?: string | Buffer }>;

/** An HTTP server on an address of the tests' own. It keeps the paths that it was asked for, with their authorization, and the bodies that came. */
export async function serve(answers: Answers) {
  const asked: string[] = [];
  const bodies: unknown[] = [];
  const server = createServer(async (request, response) => {
    const question = [request.url, request.headers.authorization].filter(Boolean).join(" ");
    asked.push(question);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (chunks.length > 0) bodies.push(JSON.parse(Buffer.concat(chunks).toString("utf8")));
    const answer = answers[question] ?? answers[request.url ?? ""] ?? { status: 404 };
    const { status, headers, body } =
      typeof answer === "string" || Buffer.isBuffer(answer) ? { status: 200, headers: {}, body: answer } : answer;
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((listening) => server.listen(0, "127.206.0.2", listening));
  const host = `127.206.0.2:${(server.address() as AddressInfo).port}`;
  return { host, url: `http://${host}`, asked, bodies, answers, close: () => new Promise((closed) => server.close(closed)) };
}
