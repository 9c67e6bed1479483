import type { Problem } from "./problems.ts";
import type { Schematic } from "./schematic.ts";
import { nearest } from "./suggest.ts";

/** Names that Image Factory still takes for those that it lists. */
const formerNames: Record<string, string> = {
  "siderolabs/amdgpu-firmware": "siderolabs/amdgpu",
  "siderolabs/gasket": "siderolabs/gasket-driver",
  "siderolabs/i915-ucode": "siderolabs/i915",
  "siderolabs/nonfree-kmod-nvidia": "siderolabs/nonfree-kmod-nvidia-lts",
  "siderolabs/nvidia-container-toolkit": "siderolabs/nvidia-container-toolkit-lts",
  "siderolabs/nvidia-fabricmanager": "siderolabs/nvidia-fabric-manager-lts",
  "siderolabs/nvidia-open-gpu-kernel-modules": "siderolabs/nvidia-open-gpu-kernel-modules-lts",
  "siderolabs/talos-vmtoolsd": "siderolabs/vmtoolsd-guest-agent",
  "siderolabs/usb-modem": "siderolabs/usb-modem-drivers",
  "siderolabs/v4l-uvc": "siderolabs/v4l-uvc-drivers",
  "siderolabs/xe-guest-utilities": "siderolabs/xen-guest-agent",
};

/** The extensions of schematics that Image Factory does not have among those it lists for a Talos version. It would refuse only a node's pull. */
export function unknownExtensions(schematics: readonly Schematic[], talosVersion: string, listed: readonly string[]): Problem[] {
  const known = new Set(listed);
  return schematics.flatMap(({ file, extensions }) =>
    extensions.flatMap((name, index) => {
      if (known.has(name) || known.has(formerNames[name] ?? "")) return [];
      const path = `${file}: customization.systemExtensions.officialExtensions[${index}]`;
      return [{ path, value: name, repair: `Image Factory has no such extension for Talos ${talosVersion}${hint(name, listed)}` }];
    }),
  );
}

/** An overlay as one word, by which it is compared. */
export const overlayKey = ({ image, name }: { image?: string | undefined; name: string }): string => `${image ?? ""}/${name}`;

/** The overlays of schematics that are not among those that Image Factory lists for a Talos version: a name belongs to one image. */
export function unknownOverlays(schematics: readonly Schematic[], talosVersion: string, listed: readonly string[]): Problem[] {
  return schematics.flatMap(({ file, overlay }) => {
    if (!overlay || listed.includes(overlayKey(overlay))) return [];
    const value = overlayKey(overlay);
    const found = listed.filter((key) => key.endsWith(`/${overlay.name}`) || key.startsWith(`${overlay.image}/`));
    const names = [...new Set([...found, ...nearest(value, listed)])].slice(0, 3);
    const hint = names.length === 0 ? "; its list is at /version/<version>/overlays/official" : `; did you mean ${names.join(" or ")}?`;
    return [{ path: `${file}: overlay`, value, repair: `Image Factory has no such overlay for Talos ${talosVersion}${hint}` }];
  });
}

/** Names that are near without their owner, which nearly all share, or that say more or less than what was written. */
function hint(name: string, listed: readonly string[]): string {
  const bare = (full: string) => full.slice(full.indexOf("/") + 1);
  const word = bare(name);
  const byWord = new Map(listed.map((full) => [bare(full), full]));
  const related = [...byWord.keys()].filter((candidate) => candidate.startsWith(`${word}-`) || word.startsWith(`${candidate}-`));
  const names = [...new Set([...related, ...nearest(word, [...byWord.keys()])])].slice(0, 3).map((near) => byWord.get(near));
  if (names.length === 0) return "; its list is at /version/<version>/extensions/official";
  return `; did you mean ${names.join(" or ")}?`;
}
