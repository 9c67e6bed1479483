/**
 * What a pull request changes, as one comment that is kept up to date: `node .github/comment.ts <folder>` prints it, made of the files that the
 * steps of the workflow left in the folder; with PULL_REQUEST and GITHUB_TOKEN set it also goes to the pull request.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const marker = "<!-- phoebe: preview -->";
/** GitHub takes 65,536 characters. */
const most = 60_000;

const sections = [
  { file: "validation.txt", title: "Validation", language: "" },
  { file: "rendered.diff", title: "Machine configs", language: "diff" },
  { file: "preview.txt", title: "Preview", language: "diff" },
];

/** The comment. What a step left is shown as it is; a longer text is cut, and says so. */
export function commentOf(results: Readonly<Record<string, string>>, runUrl: string): string {
  const there = sections.filter(({ file }) => results[file] !== undefined);
  const parts = there.map(({ file, title, language }) => {
    const whole = (results[file] as string).trimEnd();
    const limit = Math.floor(most / there.length);
    const text = whole.length > limit ? `${whole.slice(0, limit)}\n… cut here: the whole is in the run` : whole;
    // Longer than any in the text, so that the text cannot end it.
    const fence = "`".repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
    return `<details open><summary>${title}</summary>\n\n${fence}${language}\n${text}\n${fence}\n</details>\n`;
  });
  return [marker, ...parts, `[The run](${runUrl})`].join("\n");
}

export interface PullRequest {
  /** The API's address, the repository as `owner/name`, and the pull request's number. */
  api: string;
  repository: string;
  number: string;
  token: string;
}

/** Changes the comment that is there, or makes it. */
export async function keepComment({ api, repository, number, token }: PullRequest, body: string): Promise<void> {
  const ask = async (method: string, path: string, content?: object): Promise<unknown> => {
    const response = await fetch(`${api}/repos/${repository}/issues/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, accept: "application/vnd.github+json" },
      ...(content ? { body: JSON.stringify(content) } : {}),
    });
    if (!response.ok) throw new Error(`GitHub answers ${response.status} to ${method} ${path}`);
    return response.json();
  };
  for (let page = 1; ; page++) {
    const comments = (await ask("GET", `${number}/comments?per_page=100&page=${page}`)) as {
      id: number;
      body: string;
      user?: { type?: string };
    }[];
    // Somebody else's comment may quote ours.
    const ours = comments.find((comment) => comment.body.startsWith(marker) && comment.user?.type === "Bot");
    if (ours) return void (await ask("PATCH", `comments/${ours.id}`, { body }));
    if (comments.length < 100) return void (await ask("POST", `${number}/comments`, { body }));
  }
}

if (import.meta.main) {
  const [folder = "."] = process.argv.slice(2);
  const there = sections.map(({ file }) => file).filter((file) => existsSync(join(folder, file)));
  const {
    GITHUB_API_URL: api = "",
    GITHUB_REPOSITORY: repository = "",
    GITHUB_TOKEN: token,
    PULL_REQUEST: number,
    RUN_URL = "",
  } = process.env;
  const body = commentOf(Object.fromEntries(there.map((file) => [file, readFileSync(join(folder, file), "utf8")])), RUN_URL);
  console.log(body);
  if (token && number) await keepComment({ api, repository, number, token }, body);
}
