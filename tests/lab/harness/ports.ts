/** Listening TCP sockets, from Linux's own table. */
import { readFileSync } from "node:fs";

/** Addresses `a.b.c.d:port` that something listens on and that begin with the prefix. */
export function listeningOn(prefix: string): string[] {
  const listening = "0A";
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === listening)
    .map((fields) => {
      const [address = "", port = ""] = (fields[1] ?? "").split(":");
      const octets =
        address
          .match(/../g)
          ?.reverse()
          .map((octet) => Number.parseInt(octet, 16)) ?? [];
      return `${octets.join(".")}:${Number.parseInt(port, 16)}`;
    })
    .filter((address) => address.startsWith(prefix));
}
