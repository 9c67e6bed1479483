import { BlockList, isIP } from "node:net";

/** Whether two texts are the same IP address, however each writes it; what is none equals nothing. */
export function sameAddress(one: string, other: string): boolean {
  const [family, otherFamily] = [familyOf(one), familyOf(other)];
  if (!family || !otherFamily) return false;
  const list = new BlockList();
  list.addAddress(one, family);
  return list.check(other, otherFamily);
}

function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  const version = isIP(address);
  return version === 0 ? undefined : version === 4 ? "ipv4" : "ipv6";
}
