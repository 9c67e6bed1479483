/** Installs what $RELEASES lists (JSON) by Helm's own library, into the cluster of $KUBECONFIG. Its state is thrown away: nobody remembers how they came there. */
import { Release, type ReleaseArgs } from "@pulumi/kubernetes/helm/v3/release.js";
import type * as pulumi from "@pulumi/pulumi";

const releases = JSON.parse(process.env.RELEASES ?? "[]") as (ReleaseArgs & { name: string })[];
let before: pulumi.Resource[] = [];
for (const release of releases) before = [new Release(release.name, { ...release, createNamespace: true }, { dependsOn: before })];
