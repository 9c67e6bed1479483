import { parseAllDocuments } from "yaml";
import { isOlder } from "./versions.ts";

/** The Kubernetes programs that Talos runs by an image in the machine config, by where that is written. */
const places = {
  "kube-apiserver": ["cluster", "apiServer", "image"],
  "kube-controller-manager": ["cluster", "controllerManager", "image"],
  "kube-scheduler": ["cluster", "scheduler", "image"],
  "kube-proxy": ["cluster", "proxy", "image"],
  kubelet: ["machine", "kubelet", "image"],
} as const;

export type Program = keyof typeof places;
/** Images by what they run; what is not there has none. */
export type Images = Readonly<Partial<Record<Program, string>>>;

/** The images that a machine config names. */
export function imagesIn(machineConfig: string): Images {
  const documents = parseAllDocuments(machineConfig);
  const config = "empty" in documents ? undefined : documents.find((document) => !document.has("kind"));
  const images: Partial<Record<Program, string>> = {};
  for (const [program, path] of Object.entries(places)) {
    const image = config?.getIn(path);
    if (typeof image === "string") images[program as Program] = image;
  }
  return images;
}

/** An image's repository and the version in its tag, such as v1.36.3; undefined where it has none that can be told from others. */
export function readImage(image: string): { repository: string; version: string } | undefined {
  const [reference = ""] = image.split("@", 1);
  const match = /^(.+):(v\d+\.\d+\.\d+(?:-(?:alpha|beta|rc)\.\d+)?)(?:-(?:fat|slim))?$/.exec(reference);
  return match ? { repository: match[1] as string, version: match[2] as string } : undefined;
}

/** What a machine config would set back: "kubelet v1.36.3 to v1.35.4". Images of which either version cannot be told are left to their owner. */
export function setBack(running: Images, declared: Images): string[] {
  return Object.entries(declared).flatMap(([program, image]) => {
    const [now, wanted] = [readImage(running[program as Program] ?? ""), readImage(image)];
    return now && wanted && isOlder(wanted.version, now.version) ? [`${program} ${now.version} to ${wanted.version}`] : [];
  });
}
