import { UserError } from "../cluster/user-error.ts";

/** How long a download may take before it counts as failed, unless said otherwise. */
const patience = 60_000;

/** A download that failed, in one sentence that names what was asked. */
export class DownloadError extends UserError {
  readonly status: number | undefined;

  constructor(url: string, reason: string, status?: number) {
    super(`cannot fetch ${url}: ${reason}`);
    this.status = status;
  }
}

/** GETs a URL; anything but success is a DownloadError. */
export async function get(url: string, headers: Record<string, string> = {}, timeout = patience): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { headers, signal: AbortSignal.timeout(timeout) });
  } catch (error) {
    const { message, cause } = error as Error;
    throw new DownloadError(url, cause instanceof Error && cause.message ? cause.message : message);
  }
  if (!response.ok) throw new DownloadError(url, `${response.status} ${response.statusText}`.trim(), response.status);
  return response;
}

/** The body of a response. A connection that breaks on the way is a DownloadError too. */
export async function body(response: Response): Promise<Buffer> {
  try {
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    throw new DownloadError(response.url, (error as Error).message);
  }
}
