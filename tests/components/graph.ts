import type { Registration } from "./recorder.ts";

/** The registrations of a program as the engine sees them: an edge is a dependency or a parent. */
export class Graph {
  readonly #prefix: string;
  readonly #byName: Map<string, Registration>;
  readonly #byUrn: Map<string, Registration>;

  constructor(prefix: string, registrations: Map<string, Registration>) {
    this.#prefix = prefix;
    this.#byName = registrations;
    this.#byUrn = new Map([...registrations.values()].map((registration) => [registration.urn, registration]));
  }

  get all(): Registration[] {
    return [...this.#byName.values()];
  }

  /** A registration by its name without the cluster's, where it has that. */
  get(name: string): Registration {
    const registration = this.#byName.get(`${this.#prefix}-${name}`) ?? this.#byName.get(name);
    if (!registration)
      throw new Error(`nothing named ${this.#prefix}-${name} was registered; there are ${[...this.#byName.keys()].join(", ")}`);
    return registration;
  }

  parentOf({ parent }: Registration): Registration | undefined {
    return this.#byUrn.get(parent);
  }

  /** The resources in a component, at any depth; of a resource, itself. */
  inside(name: string): Registration[] {
    const root = this.get(name);
    if (root.custom) return [root];
    return this.all.filter((registration) => registration.custom && this.#ancestors(registration).includes(root));
  }

  /** Whether every resource of `later` waits, directly or through others, for every resource of `earlier`. */
  waitsFor(later: string, earlier: string): boolean {
    const awaited = this.inside(earlier);
    return this.inside(later).every((registration) => {
      const reached = this.#reach(registration);
      return awaited.every(({ urn }) => reached.has(urn));
    });
  }

  #ancestors(registration: Registration): Registration[] {
    const parent = this.parentOf(registration);
    return parent ? [parent, ...this.#ancestors(parent)] : [];
  }

  #reach(from: Registration): Set<string> {
    const reached = new Set<string>();
    const pending = [from];
    for (let next = pending.pop(); next; next = pending.pop()) {
      const provider = next.provider.replace(/::[^:]*$/, "");
      for (const urn of [...next.dependencies, next.parent, provider].filter((edge) => edge && !reached.has(edge))) {
        reached.add(urn);
        const registration = this.#byUrn.get(urn);
        if (registration) pending.push(registration);
      }
    }
    return reached;
  }
}
