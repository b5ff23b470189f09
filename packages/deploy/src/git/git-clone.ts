import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { AirfleetError } from "@airfleet/model";
import { isDiverged, toGitError } from "./judge-answer.ts";
import { type GitAccess, type GitAnswer, runGit } from "./run-git.ts";

/** Our own copy of a branch, as deep as its newest commit. */
export interface GitClone {
  readonly tree: string;
  /** Makes the tree what the remote branch is now. */
  sync(): Promise<void>;
  /** Commits what changed in our folder and pushes it. @returns false when somebody else pushed first */
  publish(message: string): Promise<boolean>;
  /** The commit that the tree is at; null for a branch without any. */
  head(): Promise<string | null>;
}

interface CloneOptions {
  readonly url: string;
  readonly branch: string;
  /** Our folder within the repository. */
  readonly folder: string;
  readonly author: string;
  readonly access: GitAccess;
  /** The clone lies in `tree` below it. */
  readonly base: string;
  readonly description: string;
  readonly signal: AbortSignal;
}

const AUTHOR = /^(.+) <([^>]+)>$/;

export const openClone = (options: CloneOptions): GitClone => {
  const { url, branch, folder, author, access, base, description, signal } = options;
  const tree = path.join(base, "tree");
  const [, name = "Airfleet", email = "airfleet@localhost"] = AUTHOR.exec(author) ?? [];

  const git = (args: readonly string[], input?: string): Promise<GitAnswer> =>
    runGit(args, {
      cwd: tree,
      keptIn: base,
      access,
      target: description,
      signal,
      ...(input === undefined ? {} : { input }),
      env: {
        GIT_DIR: path.join(tree, ".git"),
        GIT_WORK_TREE: tree,
        GIT_AUTHOR_NAME: name,
        GIT_AUTHOR_EMAIL: email,
        GIT_COMMITTER_NAME: name,
        GIT_COMMITTER_EMAIL: email,
      },
    });
  /** A call that touches only our own copy. */
  const local = async (args: readonly string[], input?: string): Promise<string> => {
    const answer = await git(args, input);
    if (answer.code === 0) return answer.out;
    throw toGitError(answer, description);
  };

  const makeAnew = async (): Promise<void> => {
    await rm(tree, { recursive: true, force: true });
    await mkdir(tree, { recursive: true, mode: 0o700 });
    await local(["init", "-q"]);
    // Attributes of the repository (line ends, filters) would change what is compared by its hash.
    await mkdir(path.join(tree, ".git/info"), { recursive: true });
    await writeFile(path.join(tree, ".git/info/attributes"), "* -text -filter -ident -working-tree-encoding\n");
    await local(["sparse-checkout", "set", "--cone", folder]);
  };

  /** True when the remote has the branch; false when it has none at all. */
  const fetch = async (): Promise<boolean> => {
    const answer = await git([
      "fetch",
      "-q",
      "--no-tags",
      "--depth=1",
      "--no-recurse-submodules",
      "--",
      url,
      `refs/heads/${branch}`,
    ]);
    if (answer.code === 0) return true;
    if (!/couldn't find remote ref/i.test(answer.err)) throw toGitError(answer, description);
    const heads = await git(["ls-remote", "--heads", "--", url]);
    if (heads.code !== 0) throw toGitError(heads, description);
    if (heads.out.trim() !== "") {
      throw new AirfleetError("DEPLOY_TARGET_REFUSED", { target: description, reason: `it has no branch "${branch}"` });
    }
    return false;
  };

  const checkOut = async (): Promise<void> => {
    if (await fetch()) {
      await local(["checkout", "-q", "-f", "-B", "airfleet-work", "FETCH_HEAD"]);
      await local(["clean", "-q", "-f", "-d", "-x"]);
      return;
    }
    await local(["checkout", "-q", "--orphan", "airfleet-work"]).catch(() => undefined);
    await local(["rm", "-q", "-r", "-f", "--cached", "--ignore-unmatch", "."]);
    await local(["clean", "-q", "-f", "-d", "-x"]);
  };

  const head = async (): Promise<string | null> => {
    const answer = await git(["rev-parse", "-q", "--verify", "HEAD"]);
    return answer.code === 0 ? answer.out.trim() : null;
  };

  return {
    tree,
    head,
    async sync() {
      const isThere = (await git(["rev-parse", "--git-dir"]).catch(() => ({ code: 1 }))).code === 0;
      if (!isThere) await makeAnew();
      try {
        await checkOut();
      } catch (error) {
        signal.throwIfAborted();
        if (!isThere) throw error;
        // A copy in which git was killed may hold locks or half an index; it is only a copy.
        await makeAnew();
        await checkOut();
      }
    },

    async publish(message) {
      await local(["add", "-A", "-f", "--sparse", "--", folder]);
      const { code } = await git(["diff", "--cached", "--quiet"]);
      if (code === 0) return true;
      await local(["commit", "-q", "--no-verify", "--no-gpg-sign", "-F", "-"], `${message}\n`);
      const answer = await git(["push", "-q", "--no-verify", "--", url, `HEAD:refs/heads/${branch}`]);
      if (isDiverged(answer)) return false;
      if (answer.code !== 0) throw toGitError(answer, description);
      return true;
    },
  };
};
