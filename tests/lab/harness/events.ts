/** Follows the event log that `pulumi up --event-log` writes: one JSON object a line, as things happen. */
import { closeSync, existsSync, openSync, readSync, watch, writeFileSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";

export interface StepMetadata {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
}

export interface EngineEvent {
  readonly sequence: number;
  readonly resourcePreEvent?: { readonly metadata: StepMetadata };
  readonly resOutputsEvent?: { readonly metadata: StepMetadata };
  readonly summaryEvent?: { readonly resourceChanges: Readonly<Record<string, number>> };
  readonly diagnosticEvent?: { readonly urn?: string; readonly message: string; readonly severity: string };
}

/** The logical name at the end of a URN. */
export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

export class EventLog {
  readonly events: EngineEvent[] = [];
  private readonly listeners = new Set<() => void>();
  private readonly file: number;
  private readonly watcher: ReturnType<typeof watch>;
  private readonly decoder = new StringDecoder("utf8");
  private rest = "";
  private closed = false;

  readonly path: string;

  constructor(path: string) {
    this.path = path;
    if (!existsSync(path)) writeFileSync(path, "");
    this.file = openSync(path, "r");
    this.watcher = watch(path, () => this.read());
  }

  private read(): void {
    if (this.closed) return;
    const buffer = Buffer.alloc(1 << 16);
    for (let count = readSync(this.file, buffer); count > 0; count = readSync(this.file, buffer)) {
      const lines = (this.rest + this.decoder.write(buffer.subarray(0, count))).split("\n");
      this.rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") this.events.push(JSON.parse(line) as EngineEvent);
    }
    for (const listener of this.listeners) listener();
  }

  /** Resolves with the first event, past or to come, that `matches`; rejects when `ended` settles before. */
  until(matches: (event: EngineEvent) => boolean, ended: Promise<unknown>): Promise<EngineEvent> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.events.find(matches);
        if (found === undefined) return;
        this.listeners.delete(look);
        resolve(found);
      };
      this.listeners.add(look);
      look();
      const over = () => {
        this.read();
        if (this.listeners.delete(look)) reject(new Error("the run ended before the awaited event"));
      };
      ended.then(over, over);
    });
  }

  /** Calls back with every event, past or to come. */
  each(seen: (event: EngineEvent) => void): void {
    let next = 0;
    const look = () => {
      for (; next < this.events.length; next++) seen(this.events[next] as EngineEvent);
    };
    this.listeners.add(look);
    look();
  }

  close(): void {
    this.read();
    this.closed = true;
    this.watcher.close();
    closeSync(this.file);
  }
}
