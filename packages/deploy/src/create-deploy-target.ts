import type { ResolvedDeployConfig } from "@airfleet/model";
import type { DeployTarget } from "./deploy-target.ts";
import { createFolderTarget } from "./folder/folder-target.ts";
import { createGitTarget } from "./git/git-target.ts";
import { createS3Target } from "./s3/s3-target.ts";

/**
 * The target that an instance's `deploy` names.
 *
 * @param place.dataDir A folder of this server, for copies of repositories.
 */
export const createDeployTarget = (config: ResolvedDeployConfig, place: { readonly dataDir: string }): DeployTarget => {
  switch (config.type) {
    case "folder":
      return createFolderTarget(config);
    case "s3":
      return createS3Target(config);
    case "git":
      return createGitTarget(config, place.dataDir);
    default:
      return config satisfies never;
  }
};
