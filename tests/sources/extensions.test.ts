import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseSchematic } from "../../cluster/schematic.ts";
import { confirmSchematics } from "../../sources/extensions.ts";
import { type Answers, serve } from "./server.ts";

const question = "/version/v1.13.3/extensions/official";
const names = ["amd-ucode", "amdgpu", "intel-ucode", "i915", "nvidia-container-toolkit-lts", "nvidia-container-toolkit-production", "zfs"];
const listed: Answers = { [question]: JSON.stringify(names.map((name) => ({ name: `siderolabs/${name}`, ref: "…" }))) };

let root: string;
let factory: Awaited<ReturnType<typeof serve>>;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "phoebe-extensions-"));
  factory = await serve({ ...listed });
});
afterEach(async () => {
  await factory.close();
  rmSync(root, { recursive: true });
});

/** Asks about nodes with one schematic each, which has these extensions. */
function confirm(schematics: string[][], { isPreview = false, imageFactoryUrl = factory.url } = {}) {
  const nodes = schematics.map((extensions, index) => {
    const input = { customization: { systemExtensions: { officialExtensions: extensions.map((name) => `siderolabs/${name}`) } } };
    return { image: parseSchematic(`${index}.yaml`, JSON.stringify(input)) };
  });
  return confirmSchematics(root, { imageFactoryUrl, talosVersion: "v1.13.3", nodes }, isPreview);
}

describe("extensions that the factory has", () => {
  test("are taken, and the factory is asked once, by whatever run", async () => {
    expect(await confirm([["amd-ucode"], ["i915", "intel-ucode"]])).toBeUndefined();
    expect(await confirm([["zfs"]], { isPreview: true })).toBeUndefined();
    expect(factory.asked).toEqual([question]);
  });

  test("are taken by the names that it still knows", async () => {
    expect(await confirm([["i915-ucode", "nvidia-container-toolkit"]])).toBeUndefined();
  });

  test("are not asked for where a schematic has none", async () => {
    expect(await confirm([[]])).toBeUndefined();
    expect(factory.asked).toEqual([]);
  });
});

describe("extensions that it does not have", () => {
  test("are refused, all at once, each with where it is and with near names", async () => {
    await expect(confirm([["amd-ucode", "amd-gpu"], ["i916"], ["nvidia-container-toolkits"]], { isPreview: true })).rejects.toThrow(
      [
        "system extensions: 3 problems",
        '  0.yaml: customization.systemExtensions.officialExtensions[1]: "siderolabs/amd-gpu": Image Factory has no such extension for Talos v1.13.3; did you mean siderolabs/amdgpu?',
        '  1.yaml: customization.systemExtensions.officialExtensions[0]: "siderolabs/i916": Image Factory has no such extension for Talos v1.13.3; did you mean siderolabs/i915?',
        '  2.yaml: customization.systemExtensions.officialExtensions[0]: "siderolabs/nvidia-container-toolkits": Image Factory has no such extension for Talos v1.13.3; did you mean siderolabs/nvidia-container-toolkit-lts?',
      ].join("\n"),
    );
  });

  test("are asked for again, in case that the factory has them now", async () => {
    await expect(confirm([["youki"]])).rejects.toThrow(/no such extension for Talos v1\.13\.3; its list is at/);
    factory.answers[question] = JSON.stringify([{ name: "siderolabs/youki" }]);
    expect(await confirm([["youki"]])).toBeUndefined();
  });
});

describe("a factory that does not answer", () => {
  const nowhere = { imageFactoryUrl: "http://127.206.0.3:65000" };

  test("is noted in a preview", async () => {
    expect(await confirm([["zfs"]], { ...nowhere, isPreview: true })).toMatch(
      /was not checked.*cannot fetch http:.*: connect ECONNREFUSED/,
    );
  });

  test("stops what changes machines, unless an earlier answer is kept", async () => {
    await expect(confirm([["zfs"]], nowhere)).rejects.toThrow(
      /cannot fetch the list of system extensions: cannot fetch http:.*ECONNREFUSED.*imageFactoryUrl names/,
    );
    await confirm([["zfs"]]);
    await factory.close();
    expect(await confirm([["zfs"]])).toBeUndefined();
    factory = await serve({});
  });

  test.each<[string, Answers[string]]>([
    ["a page of something else", "<html>Sign in to this network</html>"],
    ["JSON of something else", '{"error": "no"}'],
    ["an error", { status: 502 }],
  ])("or that answers with %s, is no better", async (_, answer) => {
    factory.answers[question] = answer;
    expect(await confirm([["zfs"]], { isPreview: true })).toMatch(/was not checked/);
    await expect(confirm([["zfs"]])).rejects.toThrow(/cannot fetch/);
  });
});

test("a Talos version that the factory has no images of is refused", async () => {
  delete factory.answers[question];
  await expect(confirm([["zfs"]], { isPreview: true })).rejects.toThrow(/talosVersion: "v1\.13\.3": http.* has no images of this version/);
});

describe("an overlay", () => {
  const overlays = "/version/v1.13.3/overlays/official";
  const board = (image: string, name: string) => {
    const nodes = [{ image: parseSchematic("board.yaml", JSON.stringify({ overlay: { image, name } })) }];
    return confirmSchematics(root, { imageFactoryUrl: factory.url, talosVersion: "v1.13.3", nodes }, true);
  };
  beforeEach(() => {
    factory.answers[overlays] = JSON.stringify([
      { name: "rpi_generic", image: "siderolabs/sbc-raspberrypi" },
      { name: "rock5b", image: "siderolabs/sbc-rockchip" },
    ]);
  });

  test("that the factory has is taken, and the factory is asked once", async () => {
    expect(await board("siderolabs/sbc-raspberrypi", "rpi_generic")).toBeUndefined();
    expect(await board("siderolabs/sbc-raspberrypi", "rpi_generic")).toBeUndefined();
    expect(factory.asked).toEqual([overlays]);
  });

  test.each([
    ["siderolabs/sbc-rockchip", "rpi_generic"],
    ["siderolabs/sbc-raspberrypi", "rpi5"],
  ])("that it does not have is refused with near names (%s, %s)", async (image, name) => {
    await expect(board(image, name)).rejects.toThrow(
      /overlays: one problem\n {2}board\.yaml: overlay: .*no such overlay for Talos v1\.13\.3; did you mean siderolabs\/sbc-raspberrypi\/rpi_generic/,
    );
  });

  test("is noted in a preview, when the factory does not answer", async () => {
    factory.answers[overlays] = { status: 502 };
    expect(await board("siderolabs/sbc-raspberrypi", "rpi_generic")).toMatch(/the schematics' overlays was not checked/);
  });
});
