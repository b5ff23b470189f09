import { mkdir } from "node:fs/promises";
import path from "node:path";
import { AirfleetError, type ResolvedDeployConfig } from "@airfleet/model";
import type { DeployTarget } from "../deploy-target.ts";
import { withFolderLock } from "../folder/folder-lock.ts";
import { makeOwnFolder } from "../folder/folder-target.ts";
import { toFolderError } from "../folder/judge-failure.ts";
import { openLocalFolder } from "../folder/own-local-folder.ts";
import { applyChange, listOurs, MOST_ATTEMPTS } from "../own-folder/apply-change.ts";
import { sha256 } from "../own-folder/manifest.ts";
import { type GitClone, openClone } from "./git-clone.ts";

type GitConfig = Extract<ResolvedDeployConfig, { type: "git" }>;

/** One line, whatever a pipeline is called. */
const toMessage = (message: string): string => message.replaceAll(/\s+/g, " ").trim().slice(0, 200) || "Deploy";

/**
 * A branch of a git repository, by way of a copy of our own below `dataDir`. Git's hooks are never run, and credentials
 * reach it through the environment and files that live as long as one call. Who is beaten to the branch fetches it,
 * applies the change again and pushes again.
 */
export const createGitTarget = (config: GitConfig, dataDir: string): DeployTarget => {
  const { url, branch, path: folder } = config;
  const description = `branch ${branch} of ${url}, folder ${folder}`;
  const base = path.join(dataDir, "deploy", sha256(`${url}\n${branch}\n${folder}`).slice(0, 16));

  const inClone = async <Answer>(signal: AbortSignal, act: (clone: GitClone) => Promise<Answer>): Promise<Answer> => {
    try {
      await mkdir(base, { recursive: true, mode: 0o700 });
      return await withFolderLock(base, description, signal, async () => {
        const { username, password, ssh_key: sshKey, known_hosts: knownHosts } = config;
        const access = { username, password, sshKey, knownHosts };
        return act(openClone({ url, branch, folder, author: config.author, access, base, description, signal }));
      });
    } catch (error) {
      signal.throwIfAborted();
      throw toFolderError(error, description);
    }
  };

  return {
    description,
    apply: (change, { signal }) =>
      inClone(signal, async (clone) => {
        for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
          await clone.sync();
          const root = await makeOwnFolder(clone.tree, folder, description);
          const outcome = await applyChange(openLocalFolder(root, description), change, signal);
          if (await clone.publish(toMessage(change.message))) return { ...outcome, revision: await clone.head() };
        }
        throw new AirfleetError("DEPLOY_RACE_LOST", { target: description, attempts: MOST_ATTEMPTS });
      }),
    list: ({ signal }) =>
      inClone(signal, async (clone) => {
        await clone.sync();
        const root = await makeOwnFolder(clone.tree, folder, description);
        return listOurs(openLocalFolder(root, description));
      }),
    close: () => Promise.resolve(),
  };
};
