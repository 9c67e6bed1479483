import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { credentials } from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";

type Inputs = Record<string, unknown>;

/** The Talos provider's plugin as a process of its own, spoken to as the engine does. */
export class TalosProvider {
  readonly #process: ChildProcess;
  readonly #client: InstanceType<typeof services.ResourceProviderClient>;

  private constructor(process: ChildProcess, client: InstanceType<typeof services.ResourceProviderClient>) {
    this.#process = process;
    this.#client = client;
  }

  static async start(): Promise<TalosProvider> {
    const plugin = join(process.env.LAB_ROOT ?? ".", ".lab/bin/pulumi-resource-talos");
    const child = spawn(plugin, ["127.0.0.1:1"], { stdio: ["ignore", "pipe", "ignore"] });
    const port = await new Promise<string>((resolve, reject) => {
      child.once("error", reject);
      createInterface({ input: child.stdout }).once("line", resolve);
    });
    const client = new services.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
    return new TalosProvider(child, client);
  }

  /** What a function of the provider answers. */
  async invoke(token: string, args: Inputs): Promise<Inputs> {
    const request = new messages.InvokeRequest();
    request.setTok(token);
    request.setArgs(Struct.fromJavaScript(args as Parameters<typeof Struct.fromJavaScript>[0]));
    return new Promise((resolve, reject) => {
      this.#client.invoke(request, (error: Error | null, response: InstanceType<typeof messages.InvokeResponse>) => {
        if (error) return reject(error);
        const failures = response.getFailuresList().map((failure) => failure.getReason());
        if (failures.length > 0) return reject(new Error(failures.join("; ")));
        resolve(response.getReturn()?.toJavaScript() ?? {});
      });
    });
  }

  stop(): void {
    this.#client.close();
    this.#process.kill();
  }
}
