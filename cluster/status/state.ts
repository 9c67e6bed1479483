/** What is known of something declared. Unknown is an answer of its own: never "no", and never a reason to change anything. */
export type State = "as declared" | "different" | "unknown";

/** What `npm run status` ends with. */
export const exitCodes: Readonly<Record<State, number>> = { "as declared": 0, different: 2, unknown: 3 };

/** The state of a whole. While a part is unknown so is the whole: to act on the rest would be to act on half a picture. */
export function worst(states: Iterable<State>): State {
  const found = new Set(states);
  if (found.has("unknown")) return "unknown";
  return found.has("different") ? "different" : "as declared";
}
