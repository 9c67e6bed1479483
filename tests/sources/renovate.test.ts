/** renovate.json finds every version that this project names. npm, Go modules and GitHub's actions it finds by itself. */
import { readdirSync, readFileSync } from "node:fs";
import { join, matchesGlob } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

const root = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

interface Manager {
  managerFilePatterns: string[];
  matchStrings: string[];
  depNameTemplate?: string;
  packageNameTemplate?: string;
  datasourceTemplate: string;
}
interface Rule {
  matchManagers?: string[];
  matchFileNames?: string[];
  matchPackageNames?: string[];
  enabled?: boolean;
  allowedVersions?: string;
}
const { customManagers, packageRules } = JSON.parse(read("renovate.json")) as { customManagers: Manager[]; packageRules: Rule[] };

const files = ["", ...["apps", "stacks"].map((folder) => `${folder}/`)].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: folder !== "", encoding: "utf8" }).map((file) => folder + file),
);
const stackFiles = files.filter((file) => /^Pulumi\..+\.yaml$/.test(file));
const releaseFiles = files.filter((file) => file.endsWith("/release.yaml"));

/** What Renovate would look up for a file. */
function found(file: string) {
  return customManagers
    .filter(({ managerFilePatterns }) => managerFilePatterns.some((pattern) => new RegExp(pattern.slice(1, -1)).test(file)))
    .flatMap((manager) =>
      manager.matchStrings
        .flatMap((expression) => [...read(file).matchAll(new RegExp(expression, "g"))])
        .map(({ groups = {} }) => {
          const fill = (template: string) => template.replace(/{{{(\w+)}}}/g, (_, name: string) => groups[name] ?? "");
          const depName = groups.depName ?? manager.depNameTemplate;
          return {
            datasource: manager.datasourceTemplate,
            package: manager.packageNameTemplate ? fill(manager.packageNameTemplate) : depName,
            version: groups.currentValue,
            ...(groups.registryUrl ? { registry: groups.registryUrl } : {}),
          };
        }),
    );
}

test("there is something to be found", () => {
  expect(stackFiles.length).toBeGreaterThanOrEqual(3);
  expect(releaseFiles.length).toBeGreaterThanOrEqual(3);
});

test.each(stackFiles)("%s: Talos and Kubernetes, and never the contract", (file) => {
  const { config } = parse(read(file)) as { config: Record<string, string> };
  expect(found(file)).toEqual([
    { datasource: "github-releases", package: "siderolabs/talos", version: config["phoebe:talosVersion"] },
    { datasource: "github-releases", package: "kubernetes/kubernetes", version: config["phoebe:kubernetesVersion"] },
  ]);
});

test.each(releaseFiles)("%s: its chart, with the place it comes from", (file) => {
  const { chart, version, repository } = parse(read(file)) as Record<"chart" | "version" | "repository", string>;
  const isOci = repository.startsWith("oci://");
  expect(found(file), "chart, version and repository stand in this order").toEqual([
    isOci
      ? { datasource: "docker", package: `${repository.slice("oci://".length)}/${chart}`, version }
      : { datasource: "helm", package: chart, version, registry: repository },
  ]);
});

test("every expression is one that RE2 has, which Renovate searches with", () => {
  const expressions = customManagers.flatMap(({ matchStrings }) => matchStrings);
  expect(expressions).not.toEqual([]);
  for (const expression of expressions) expect(expression).not.toMatch(/\(\?<?[=!]|\\[1-9]/);
});

describe("the lab's tools", () => {
  const modules = readdirSync(join(root, "lab/tools")).filter((name) => /^tool /m.test(read(`lab/tools/${name}/go.mod`)));
  test.each(modules)("%s: its program is not passed over as an indirect requirement", (name) => {
    const file = `lab/tools/${name}/go.mod`;
    const text = read(file);
    const tools = [...text.matchAll(/^(?:tool |\t)([a-z][^\s]+\/[^\s]+)$/gm)].map(([, path]) => path as string);
    const required = [...text.matchAll(/^\t(\S+) (v\S+)/gm)].map(([, path, version]) => ({
      path: path as string,
      version: version as string,
    }));
    for (const tool of tools) {
      const [module] = required.filter(({ path }) => `${tool}/`.startsWith(`${path}/`)).sort((a, b) => b.path.length - a.path.length);
      const rules = packageRules.filter(
        ({ matchFileNames = [], matchPackageNames = [] }) =>
          matchFileNames.some((pattern) => matchesGlob(file, pattern)) && matchPackageNames.includes(module?.path ?? ""),
      );
      expect(
        rules.some(({ enabled }) => enabled),
        `${tool} of ${module?.path}`,
      ).toBe(true);
      for (const { allowedVersions } of rules.filter((rule) => rule.allowedVersions)) {
        expect(module?.version).toMatch(new RegExp((allowedVersions as string).slice(1, -1)));
      }
    }
  });
});

test("the workflows' actions are pinned by commit, with the version that Renovate goes by", () => {
  const folder = ".github/workflows";
  const uses = readdirSync(join(root, folder)).flatMap((name) => read(join(folder, name)).match(/\buses: .*/g) ?? []);
  expect(uses.length).toBeGreaterThan(0);
  for (const line of uses) expect(line).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  expect((JSON.parse(read("renovate.json")) as { extends: string[] }).extends).toContain("helpers:pinGitHubActionDigestsToSemver");
});
