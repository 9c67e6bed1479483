import { body, DownloadError, get } from "./download.ts";
import type { ChartArchive } from "./http-charts.ts";

const chartLayer = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
const manifestType = "application/vnd.oci.image.manifest.v1+json";

interface Manifest {
  layers?: { mediaType: string; digest: string }[];
}

/** Fetches a chart from an OCI registry, anonymously. `repository` is oci://host/path above the chart's name. */
export async function fetchFromRegistry(repository: string, chart: string, version: string): Promise<ChartArchive> {
  const { host, pathname } = new URL(`${repository.replace(/^oci:/, "https:")}/${chart}`);
  const base = `${scheme(host)}://${host}/v2${pathname}`;
  // A tag cannot hold the plus of a version's build metadata; Helm writes an underscore in its place.
  const manifestUrl = `${base}/manifests/${version.replaceAll("+", "_")}`;
  const { response, authorization } = await getWithToken(manifestUrl, { accept: manifestType });
  const manifest = JSON.parse((await body(response)).toString("utf8")) as Manifest;
  const layer = manifest.layers?.find(({ mediaType }) => mediaType === chartLayer);
  if (!layer) throw new DownloadError(manifestUrl, "it is not a Helm chart: no layer holds a chart archive");
  const content = await body(await get(`${base}/blobs/${layer.digest}`, authorization));
  return { content, digest: layer.digest };
}

/** Asks, and where the registry wants a token asks once more with the anonymous one that it offers. */
async function getWithToken(url: string, headers: Record<string, string>) {
  try {
    return { response: await get(url, headers), authorization: {} };
  } catch (error) {
    if (!(error instanceof DownloadError) || error.status !== 401) throw error;
  }
  const challenge = (await fetch(url, { headers })).headers.get("www-authenticate") ?? "";
  const parameters = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
  if (!/^bearer /i.test(challenge) || !parameters.realm)
    throw new DownloadError(url, "the registry asks for a login that is not anonymous");
  const tokenUrl = new URL(parameters.realm);
  for (const key of ["service", "scope"]) {
    if (parameters[key]) tokenUrl.searchParams.set(key, parameters[key]);
  }
  const answer = JSON.parse((await body(await get(tokenUrl.href))).toString("utf8")) as { token?: string; access_token?: string };
  const authorization = { authorization: `Bearer ${answer.token ?? answer.access_token}` };
  return { response: await get(url, { ...headers, ...authorization }), authorization };
}

/** Registries speak TLS; only one on this machine may go without. */
function scheme(host: string): "http" | "https" {
  return /^(127\.\d+\.\d+\.\d+|localhost)(:\d+)?$/.test(host) ? "http" : "https";
}
