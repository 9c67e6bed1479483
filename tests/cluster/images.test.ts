import { describe, expect, test } from "vitest";
import { imagesOf, installationMedium, installerImage, pxeScript } from "../../cluster/images.ts";

const schematic = { id: "a".repeat(64) };
const other = { id: "b".repeat(64) };
const source = { imageFactoryUrl: "https://factory.talos.dev", talosVersion: "v1.13.3", secureBoot: false };
const secure = { ...source, secureBoot: true };
const own = { ...source, imageFactoryUrl: "http://factory.example.org:8080" };

describe("images of a schematic", () => {
  test("the installer's", () => {
    expect(installerImage(source, schematic)).toBe(`factory.talos.dev/metal-installer/${schematic.id}:v1.13.3`);
    expect(installerImage(secure, schematic)).toBe(`factory.talos.dev/metal-installer-secureboot/${schematic.id}:v1.13.3`);
    expect(installerImage(own, schematic)).toBe(`factory.example.org:8080/metal-installer/${schematic.id}:v1.13.3`);
  });

  test.each(["amd64", "arm64"] as const)("the medium that a machine of %s boots first", (arch) => {
    const base = `image/${schematic.id}/v1.13.3/metal-${arch}`;
    expect(installationMedium(source, schematic, { arch })).toBe(`https://factory.talos.dev/${base}.iso`);
    expect(installationMedium(secure, schematic, { arch })).toBe(`https://factory.talos.dev/${base}-secureboot.iso`);
    expect(installationMedium(own, schematic, { arch })).toBe(`http://factory.example.org:8080/${base}.iso`);
  });

  test("the script that boots it from the network", () => {
    const path = `pxe/${schematic.id}/v1.13.3/metal-arm64`;
    expect(pxeScript(source, schematic, { arch: "arm64" })).toBe(`https://pxe.factory.talos.dev/${path}`);
    expect(pxeScript(secure, schematic, { arch: "arm64" })).toBe(`https://pxe.factory.talos.dev/${path}-secureboot`);
    expect(pxeScript(own, schematic, { arch: "arm64" })).toBe(`http://factory.example.org:8080/${path}`);
  });
});

test("there is one for each distinct schematic and architecture, with the nodes that it is for", () => {
  const images = imagesOf(source, [
    { hostname: "n1", arch: "amd64", image: schematic },
    { hostname: "n2", arch: "arm64", image: schematic },
    { hostname: "n3", arch: "amd64", image: other },
    { hostname: "n4", arch: "amd64", image: schematic },
  ]);
  expect(images.map(({ schematicId, arch, nodes }) => [schematicId.charAt(0), arch, nodes])).toEqual([
    ["a", "amd64", ["n1", "n4"]],
    ["a", "arm64", ["n2"]],
    ["b", "amd64", ["n3"]],
  ]);
  expect(images[1]).toMatchObject({
    installerImage: installerImage(source, schematic),
    iso: installationMedium(source, schematic, { arch: "arm64" }),
    pxe: pxeScript(source, schematic, { arch: "arm64" }),
  });
});
