/** What is phoebe's own is told where a cluster of another house begins, and no other stack has it. */
import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readStackFile, stackFiles } from "../../sources/stack-file.ts";
import { readWritten } from "../../sources/written.ts";

const phoebe = "Pulumi.phoebe.yaml";

/** The files and folders of the project that a stack is declared by. */
function places(file: string): string[] {
  const { nodes, schematic, secrets, patches, apps } = readWritten(".", readStackFile(".", file)).cluster;
  const template = secrets.source === "onepassword" ? [secrets.template] : [];
  return [...new Set([patches, ...[apps].flat(), ...template, ...nodes.map((node) => node.schematic ?? schematic)])];
}

const others = new Set(stackFiles(".").flatMap((file) => (file === phoebe ? [] : places(file))));

test("README names all that phoebe alone is declared by", () => {
  const [, step = ""] = /^2\. \*\*Declare\*\*(.*?)^3\. /ms.exec(readFileSync("README.md", "utf8")) ?? [];
  const named = [...step.matchAll(/^ *\| `([^`]+?)\/?` \|/gm)].map(([, place]) => place);
  expect(named.sort()).toEqual(
    places(phoebe)
      .filter((place) => !others.has(place))
      .sort(),
  );
});

test("what all stacks share knows no house: neither its addresses nor its vault", () => {
  const shared = places(phoebe).filter((place) => others.has(place));
  expect(shared).not.toEqual([]);
  const files = globSync(shared.flatMap((place) => [place, `${place}/**`])).filter((file) => file.endsWith(".yaml"));
  const own = files.filter((file) => /\b10\.(60|80)\.\d|op:\/\/homelab\//.test(readFileSync(file, "utf8")));
  expect([files.length > 0, own]).toEqual([true, []]);
});
