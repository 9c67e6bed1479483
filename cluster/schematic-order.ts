/** An overlay's options with their keys as the factory's encoder (go-yaml) orders them. A Map: an object would put keys that are numbers first. */
export function inFactoryOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inFactoryOrder);
  if (typeof value !== "object" || value === null) return value;
  return new Map(
    Object.entries(value)
      .sort(([a], [b]) => compare([...a], [...b]))
      .map(([key, member]) => [key, inFactoryOrder(member)]),
  );
}

/** Natural order: numbers in a name by their value, letters behind all else unless they follow a digit. */
function compare(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((character, index) => character !== b[index]);
  const [left, right] = [a[at], b[at]];
  if (left === undefined || right === undefined) return a.length - b.length;
  const letters = [isLetter(left), isLetter(right)];
  if (letters[0] && letters[1]) return byCode(left, right);
  if (letters[0] || letters[1]) return letters[0] === isDigit(a[at - 1]) ? -1 : 1;
  // A zero inside a number is not one in front of it.
  const inside = (left === "0" || right === "0") && /[1-9]\d*$/.test(a.slice(0, at).join("")) ? "1" : "";
  const [one, other] = [digitsFrom(a, at), digitsFrom(b, at)];
  return Number(inside + one) - Number(inside + other) || one.length - other.length || byCode(left, right);
}

function digitsFrom(text: readonly string[], at: number): string {
  return /^[0-9]*/.exec(text.slice(at).join(""))?.[0] ?? "";
}

function isLetter(character: string): boolean {
  return /^\p{L}$/u.test(character);
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && /^[0-9]$/.test(character);
}

function byCode(a: string, b: string): number {
  return (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0);
}
