/** Where the charts of a cluster's releases lie, below the project. */
export const chartFolder = (clusterName: string): string => `./.charts/${clusterName}`;

/** Helm's own list of chart repositories for a cluster, and where the indexes that it names are kept: the stack's, never those of its owner. */
export const helmRepositories = (clusterName: string) => ({
  repositoryConfigPath: `${chartFolder(clusterName)}/repositories.yaml`,
  repositoryCache: "./",
});
