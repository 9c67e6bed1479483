import { parse } from "yaml";
import { body, DownloadError, get } from "./download.ts";

/** A chart archive, and the digest that its repository gives for it, where it gives one. */
export interface ChartArchive {
  content: Buffer;
  digest?: string;
}

interface Index {
  entries?: Record<string, { version: string; digest?: string; urls?: string[] }[]>;
}

/** Fetches a chart from a repository with an index.yaml. */
export async function fetchFromRepository(repository: string, chart: string, version: string): Promise<ChartArchive> {
  const indexUrl = `${repository}/index.yaml`;
  const index = parse((await body(await get(indexUrl))).toString("utf8")) as Index | null;
  const versions = index?.entries?.[chart];
  if (!versions) throw new DownloadError(indexUrl, `it lists no chart ${chart}`);
  const entry = versions.find((candidate) => candidate.version.replace(/^v/, "") === version.replace(/^v/, ""));
  const url = entry?.urls?.[0];
  if (!entry || !url) {
    const newest = versions.slice(0, 5).map((candidate) => candidate.version);
    throw new DownloadError(indexUrl, `it has no version ${version} of ${chart}, but ${newest.join(", ")}`);
  }
  const content = await body(await get(new URL(url, `${repository}/`).href));
  return { content, digest: entry.digest ? `sha256:${entry.digest.replace(/^sha256:/, "")}` : undefined };
}
