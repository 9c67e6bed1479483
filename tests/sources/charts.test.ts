import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { create } from "tar";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { App } from "../../cluster/apps.ts";
import { provideChart } from "../../sources/charts.ts";
import { type Answers, serve } from "./server.ts";

let root: string;
let server: Awaited<ReturnType<typeof serve>>;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "phoebe-charts-"));
  server = await start({});
});
afterEach(async () => {
  rmSync(root, { recursive: true });
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function start(answers: Answers) {
  const started = await serve(answers);
  closing.push(started.close);
  return started;
}

/** A chart archive with these files. */
async function archive(files: Record<string, string>): Promise<Buffer> {
  const folder = mkdtempSync(join(root, "chart-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  await create({ gzip: true, file: join(folder, "chart.tgz"), cwd: folder, portable: true }, readdirSync(folder));
  return readFileSync(join(folder, "chart.tgz"));
}

const digestOf = (content: Buffer) => `sha256:${createHash("sha256").update(content).digest("hex")}`;
const index = (version: string, url: string, digest?: string) =>
  JSON.stringify({ entries: { demo: [{ version, urls: [url], ...(digest ? { digest } : {}) }] } });
const cluster = { clusterName: "demo" };
const app = (changes: Partial<App> = {}): App => ({
  namespace: "apps",
  name: "demo",
  chart: "demo",
  version: "1.2.3",
  repository: server.url,
  lifecycle: "managed",
  cni: false,
  after: [],
  crds: false,
  timeout: 600,
  values: {},
  ...changes,
});

describe("a chart repository", () => {
  test("is asked once for each version; the release gets a path that stays", async () => {
    const [first, second] = [await archive({ "demo/Chart.yaml": "1" }), await archive({ "demo/Chart.yaml": "2" })];
    Object.assign(server.answers, { "/index.yaml": index("1.2.3", "demo-1.2.3.tgz"), "/demo-1.2.3.tgz": first });
    const { path } = await provideChart(root, cluster, app());
    expect(path).toBe("./.charts/demo/apps-demo.tgz");
    expect(readFileSync(join(root, path))).toEqual(first);

    Object.assign(server.answers, { "/index.yaml": index("1.2.4", `${server.url}/elsewhere/demo.tgz`), "/elsewhere/demo.tgz": second });
    expect((await provideChart(root, cluster, app({ version: "1.2.4" }))).path).toBe(path);
    expect(readFileSync(join(root, path))).toEqual(second);

    server.asked.length = 0;
    await provideChart(root, cluster, app());
    expect(readFileSync(join(root, path))).toEqual(first);
    expect(server.asked).toEqual([]);
  });

  test("that gives another digest than its archive has is not believed", async () => {
    const content = await archive({ "demo/Chart.yaml": "" });
    Object.assign(server.answers, { "/index.yaml": index("1.2.3", "demo.tgz", "0".repeat(64)), "/demo.tgz": content });
    await expect(provideChart(root, cluster, app())).rejects.toThrow(
      `demo 1.2.3 arrived as ${digestOf(content)}, but is listed as sha256:000`,
    );
    expect(readdirSync(root)).not.toContain(".charts");
  });

  test.each<[string, Answers, RegExp]>([
    [
      "answers an error",
      { "/index.yaml": { status: 503 } },
      /cannot fetch the chart of apps\/demo: cannot fetch .*index\.yaml: 503.* release\.yaml names/,
    ],
    ["lacks the chart", { "/index.yaml": "entries: {}" }, /it lists no chart demo/],
    ["lacks the version", { "/index.yaml": index("1.0.0", "x") }, /it has no version 1\.2\.3 of demo, but 1\.0\.0/],
    ["lacks the archive", { "/index.yaml": index("1.2.3", "gone.tgz") }, /gone\.tgz: 404/],
  ])("that %s is named", async (_, answers, expected) => {
    Object.assign(server.answers, answers);
    await expect(provideChart(root, cluster, app())).rejects.toThrow(expected);
  });
});

describe("a declared digest", () => {
  test("is checked for what comes and for what lies in the cache", async () => {
    const content = await archive({ "demo/Chart.yaml": "" });
    Object.assign(server.answers, { "/index.yaml": index("1.2.3", "demo.tgz"), "/demo.tgz": content });
    await expect(provideChart(root, cluster, app({ digest: digestOf(content) }))).resolves.toBeDefined();

    const folder = readdirSync(join(root, ".charts")).find((name) => name !== "demo") as string;
    writeFileSync(join(root, ".charts", folder, "demo-1.2.3.tgz"), "tampered with");
    await expect(provideChart(root, cluster, app({ digest: digestOf(content) }))).rejects.toThrow(/apps\/demo\/release\.yaml.*\n.*digest/);
  });
});

describe("a mirror", () => {
  test("is asked in the place of the repository, every time, and never stands in for it later", async () => {
    const [mirrored, original] = [await archive({ "demo/Chart.yaml": "mirrored" }), await archive({ "demo/Chart.yaml": "original" })];
    const mirror = await start({ "/index.yaml": index("1.2.3", "demo-1.2.3.tgz"), "/demo-1.2.3.tgz": mirrored });
    Object.assign(server.answers, { "/index.yaml": index("1.2.3", "demo-1.2.3.tgz"), "/demo-1.2.3.tgz": original });

    for (const _ of [1, 2]) {
      const { path } = await provideChart(root, { ...cluster, chartMirror: mirror.url }, app());
      expect(readFileSync(join(root, path))).toEqual(mirrored);
    }
    expect(mirror.asked).toHaveLength(4);
    expect(server.asked).toEqual([]);

    const { path } = await provideChart(root, cluster, app());
    expect(readFileSync(join(root, path))).toEqual(original);
  });
});

test("only what started the run can say that a mirror's charts stand in for those whose digests are declared", async () => {
  const content = await archive({ "demo/Chart.yaml": "" });
  const mirror = await start({ "/index.yaml": index("1.2.3", "demo-1.2.3.tgz"), "/demo-1.2.3.tgz": content });
  const declared = app({ digest: `sha256:${"0".repeat(64)}` });
  const provide = () => provideChart(root, { ...cluster, chartMirror: mirror.url }, declared);
  await expect(provide()).rejects.toThrow(/find out why it differs/);
  vi.stubEnv("PHOEBE_STAND_IN_CHARTS", "http://127.134.253.1:65000");
  await expect(provide()).rejects.toThrow(/find out why it differs/);
  vi.stubEnv("PHOEBE_STAND_IN_CHARTS", mirror.url);
  await expect(provide()).resolves.toBeDefined();
  vi.unstubAllEnvs();
});

describe("a mirror that does not answer", () => {
  const nowhere = { ...cluster, chartMirror: "http://127.134.253.1:65000" };
  const giveOnce = async (chart: string) => {
    const mirror = await start({
      "/index.yaml": index("1.2.3", "demo-1.2.3.tgz"),
      "/demo-1.2.3.tgz": await archive({ "demo/Chart.yaml": chart }),
    });
    await provideChart(root, { ...cluster, chartMirror: mirror.url }, app());
  };

  test("leaves a preview the chart of the last run", async () => {
    await giveOnce("name: demo\nversion: 1.2.3\n");
    expect((await provideChart(root, nowhere, app(), { isPreview: true })).path).toMatch(/\.tgz$/);
    await expect(provideChart(root, nowhere, app())).rejects.toThrow(/ECONNREFUSED/);
  });

  test("leaves it none of another version, or none at all", async () => {
    await expect(provideChart(root, nowhere, app(), { isPreview: true })).rejects.toThrow(/ECONNREFUSED/);
    await giveOnce("name: demo\nversion: 1.2.2\n");
    await expect(provideChart(root, nowhere, app(), { isPreview: true })).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe("an OCI registry", () => {
  const manifest = (digest: string) =>
    JSON.stringify({ layers: [{ mediaType: "application/vnd.cncf.helm.chart.content.v1.tar+gzip", digest }] });

  test("is asked anonymously, with the token that it offers", async () => {
    const content = await archive({ "demo/Chart.yaml": "" });
    const challenge = `Bearer realm="${server.url}/token",service="registry",scope="repository:charts/demo:pull"`;
    const closed = { status: 401, headers: { "www-authenticate": challenge } };
    const blob = `/v2/charts/demo/blobs/${digestOf(content)}`;
    Object.assign(server.answers, {
      "/token?service=registry&scope=repository%3Acharts%2Fdemo%3Apull": JSON.stringify({ token: "anonymous" }),
      "/v2/charts/demo/manifests/1.2.3": closed,
      "/v2/charts/demo/manifests/1.2.3 Bearer anonymous": manifest(digestOf(content)),
      [blob]: closed,
      [`${blob} Bearer anonymous`]: content,
    } satisfies Answers);
    const { path } = await provideChart(root, cluster, app({ repository: `oci://${server.host}/charts` }));
    expect(readFileSync(join(root, path))).toEqual(content);
  });

  test("that needs no token is asked without, and a plus in a version becomes an underscore", async () => {
    const content = await archive({ "demo/Chart.yaml": "" });
    Object.assign(server.answers, {
      "/v2/charts/demo/manifests/1.2.3_4": manifest(digestOf(content)),
      [`/v2/charts/demo/blobs/${digestOf(content)}`]: content,
    });
    await provideChart(root, cluster, app({ repository: `oci://${server.host}/charts`, version: "1.2.3+4" }));
    expect(server.asked).toHaveLength(2);
  });

  test.each<[string, Answers, RegExp]>([
    ["holds something else under the name", { "/v2/charts/demo/manifests/1.2.3": "{}" }, /it is not a Helm chart/],
    [
      "wants a login",
      { "/v2/charts/demo/manifests/1.2.3": { status: 401, headers: { "www-authenticate": "Basic" } } },
      /a login that is not anonymous/,
    ],
    [
      "sends another blob",
      { "/v2/charts/demo/manifests/1.2.3": manifest("sha256:00"), "/v2/charts/demo/blobs/sha256:00": "x" },
      /but is listed as sha256:00/,
    ],
  ])("that %s is named", async (_, answers, expected) => {
    Object.assign(server.answers, answers);
    await expect(provideChart(root, cluster, app({ repository: `oci://${server.host}/charts` }))).rejects.toThrow(expected);
  });
});

describe("custom resource definitions", () => {
  const definition = (name: string) => `kind: CustomResourceDefinition\nmetadata:\n  name: ${name}\nspec:\n  group: example.org\n`;
  const crdsOf = async (files: Record<string, string>) => {
    Object.assign(server.answers, { "/index.yaml": index("1.2.3", "demo.tgz"), "/demo.tgz": await archive(files) });
    return (await provideChart(root, cluster, app({ crds: true }))).crds;
  };

  test("come from the crds/ folders of the chart and of the charts inside it", async () => {
    const crds = await crdsOf({
      "demo/crds/a.yaml": `${definition("a")}---\n${definition("b")}`,
      "demo/charts/inner/crds/c.yaml": definition("c"),
      "demo/templates/service.yaml": "kind: Service\nmetadata: {{ .Values.x }}\n",
      "demo/README.md": "kind: CustomResourceDefinition",
    });
    expect(crds.map(({ metadata }) => metadata.name).sort()).toEqual(["a", "b", "c"]);
  });

  test("come from templates too, without what Helm would write around the spec", async () => {
    const template = `{{- if .Values.installCRDs }}\n${definition("a").replace("spec:", "  labels:\n    app: {{ .Chart.Name }}\n    part-of: demo\nspec:")}{{- end }}\n`;
    expect(await crdsOf({ "demo/templates/a.crds.yaml": template })).toEqual([
      { kind: "CustomResourceDefinition", metadata: { name: "a", labels: { "part-of": "demo" } }, spec: { group: "example.org" } },
    ]);
  });

  test("whose spec is templated are left to Helm, by a person's word", async () => {
    const template = definition("a").replace("example.org", "{{ .Values.group }}");
    await expect(crdsOf({ "demo/templates/a.yaml": template })).rejects.toThrow(
      /templates\/a\.yaml is templated in its spec; say crds: false/,
    );
  });

  test("that a chart does not have are not waited for in vain", async () => {
    await expect(crdsOf({ "demo/Chart.yaml": "" })).rejects.toThrow(/the chart demo 1\.2\.3 carries no definitions; remove the line/);
  });
});
