import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createDeployTarget, type DeployTarget } from "../src/index.ts";
import { change, describeTarget, signal, type TargetRoom } from "./target-claims.ts";

const IDENTITY = {
  GIT_AUTHOR_NAME: "Somebody",
  GIT_AUTHOR_EMAIL: "somebody@example.org",
  GIT_COMMITTER_NAME: "Somebody",
  GIT_COMMITTER_EMAIL: "somebody@example.org",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
};
const git = (cwd: string, ...args: string[]): string =>
  execFileSync("git", args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, ...IDENTITY },
    stdio: ["ignore", "pipe", "pipe"],
  });

interface GitRoom extends TargetRoom {
  readonly bare: string;
  readonly base: string;
  openWith(changes: Readonly<Record<string, string>>): DeployTarget;
  /** Pushes a commit as somebody else. */
  push(act: (tree: string) => Promise<void>): Promise<void>;
}

const createRoom = async (): Promise<GitRoom> => {
  const base = await mkdtemp(path.join(tmpdir(), "airfleet-git-"));
  const bare = path.join(base, "dags.git");
  git(base, "init", "-q", "--bare", "-b", "main", bare);
  let count = 0;
  const clone = async <Answer>(act: (tree: string) => Promise<Answer>): Promise<Answer> => {
    const tree = await mkdtemp(path.join(base, "clone-"));
    git(tree, "clone", "-q", bare, ".");
    try {
      return await act(tree);
    } finally {
      await rm(tree, { recursive: true, force: true });
    }
  };
  const push = (act: (tree: string) => Promise<void>): Promise<void> =>
    clone(async (tree) => {
      git(tree, "checkout", "-q", "-B", "main");
      await act(tree);
      git(tree, "add", "-A");
      git(tree, "commit", "-q", "-m", "Somebody's");
      git(tree, "push", "-q", "origin", "main");
    });
  await push(async (tree) => writeFile(path.join(tree, "README.md"), "theirs\n"));
  const openWith = (changes: Readonly<Record<string, string>>): DeployTarget => {
    count += 1;
    return createDeployTarget(
      {
        type: "git",
        url: bare,
        branch: "main",
        path: "dags/airfleet",
        author: "Fleet <fleet@example.org>",
        ...changes,
      },
      { dataDir: path.join(base, `data-${count}`) },
    );
  };
  return {
    base,
    bare,
    push,
    openWith,
    open: () => openWith({}),
    files: () =>
      clone(async (tree) => {
        const root = path.join(tree, "dags/airfleet");
        const found = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
        const files = found.filter((entry) => entry.isFile() && entry.name !== "airfleet.manifest.json");
        const texts = files.map(async (entry) => {
          const file = path.join(entry.parentPath, entry.name);
          return [path.relative(root, file), await readFile(file, "utf8")] as const;
        });
        return Object.fromEntries(await Promise.all(texts));
      }),
    putForeign: (name, text) =>
      push(async (tree) => {
        const file = path.join(tree, "dags/airfleet", name);
        await mkdir(path.dirname(file), { recursive: true });
        await writeFile(file, text);
      }),
    removeForeign: (name) => push((tree) => rm(path.join(tree, "dags/airfleet", name))),
    [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true }),
  };
};

describeTarget("git branch", createRoom);

describe("a git branch", () => {
  it("gets one commit for a change, by the author of the configuration, and keeps what others push in between", async () => {
    await using room = await createRoom();
    const target = room.open();
    const { revision } = await target.apply(change({ "a.py": "1", "r/x.py": "1" }), { signal });
    expect(git(room.bare, "log", "-1", "--format=%H %an <%ae> %s", "main").trim()).toBe(
      `${revision} Fleet <fleet@example.org> Deploy orders`,
    );
    await room.push((tree) => writeFile(path.join(tree, "README.md"), "theirs, newer\n"));
    await target.apply(change({ "a.py": "2" }), { signal });
    expect(git(room.bare, "show", "main:README.md")).toBe("theirs, newer\n");
    expect(git(room.bare, "show", "main:dags/airfleet/a.py")).toBe("2");
    expect(git(room.bare, "rev-list", "--count", "main").trim()).toBe("4");
  });

  it("that has diverged while we pushed is fetched, and the change is applied again", async () => {
    await using room = await createRoom();
    // The repository's own hook plays the somebody who is quicker, twice.
    const hook = path.join(room.bare, "hooks/pre-receive");
    await writeFile(
      hook,
      `#!/bin/sh
n=$(cat ${room.base}/count 2>/dev/null || echo 0)
echo $((n+1)) > ${room.base}/count
[ "$n" -lt 2 ] || exit 0
unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
export GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x@x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x@x
new=$(git commit-tree -p main -m "quicker $n" "main^{tree}")
git update-ref refs/heads/main $new
`,
    );
    await chmod(hook, 0o755);
    const outcome = await room.open().apply(change({ "a.py": "1" }), { signal });
    expect(outcome.written).toEqual(["a.py"]);
    expect(git(room.bare, "log", "--format=%s", "main").split("\n")).toContain("quicker 1");
    expect(await room.files()).toEqual({ "a.py": "1" });
  });

  it("on which others are always quicker is given up with a code", async () => {
    await using room = await createRoom();
    const hook = path.join(room.bare, "hooks/pre-receive");
    await writeFile(
      hook,
      `#!/bin/sh
unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
export GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x@x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x@x
git update-ref refs/heads/main $(git commit-tree -p main -m quicker "main^{tree}")
`,
    );
    await chmod(hook, 0o755);
    await expect(room.open().apply(change({ "a.py": "1" }), { signal })).rejects.toMatchObject({
      code: "DEPLOY_RACE_LOST",
    });
    expect(await room.files()).toEqual({});
  });

  it("whose hook refuses the push is told as refused, not tried for ever", async () => {
    await using room = await createRoom();
    await writeFile(path.join(room.bare, "hooks/pre-receive"), "#!/bin/sh\necho protected; exit 1\n");
    await chmod(path.join(room.bare, "hooks/pre-receive"), 0o755);
    await expect(room.open().apply(change({ "a.py": "1" }), { signal })).rejects.toMatchObject({
      code: "DEPLOY_TARGET_REFUSED",
    });
  });

  it("takes the first commit of an empty repository, but makes no branch in one that has others", async () => {
    await using room = await createRoom();
    const empty = path.join(room.base, "empty.git");
    git(room.base, "init", "-q", "--bare", "-b", "main", empty);
    const target = room.openWith({ url: empty });
    await target.apply(change({ "a.py": "1" }), { signal });
    await target.apply(change({ "a.py": "2" }), { signal });
    expect(git(empty, "show", "main:dags/airfleet/a.py")).toBe("2");
    await expect(room.openWith({ branch: "prod" }).apply(change({ "a.py": "1" }), { signal })).rejects.toMatchObject({
      code: "DEPLOY_TARGET_REFUSED",
      message: expect.stringContaining('no branch "prod"') as string,
    });
  });

  it("runs no hook, filter or link of a repository here", async () => {
    await using room = await createRoom();
    const proof = path.join(room.base, "proof");
    await room.push(async (tree) => {
      await writeFile(path.join(tree, ".gitattributes"), "* text eol=crlf filter=evil ident\n");
      await mkdir(path.join(tree, "dags"));
      await (await import("node:fs/promises")).symlink(room.base, path.join(tree, "dags/airfleet"));
    });
    const target = room.open();
    await expect(target.apply(change({ "proof.py": "1" }), { signal })).rejects.toMatchObject({
      code: "DEPLOY_NAME_TAKEN",
    });
    expect(await readdir(room.base)).not.toContain("proof.py");
    await room.push((tree) => rm(path.join(tree, "dags/airfleet")));
    await target.apply(change({ "a.py": "1\n" }), { signal });
    // As if somebody had put hooks into our own copy.
    const copies = await readdir(path.join(room.base, "data-1/deploy"));
    const hooks = path.join(room.base, "data-1/deploy", copies[0] ?? "", "tree/.git/hooks");
    await mkdir(hooks, { recursive: true });
    for (const name of ["pre-commit", "post-checkout", "pre-push"]) {
      await writeFile(path.join(hooks, name), `#!/bin/sh\ntouch ${proof}\n`);
      await chmod(path.join(hooks, name), 0o755);
    }
    await target.apply(change({ "a.py": "2\n" }), { signal });
    expect(git(room.bare, "show", "main:dags/airfleet/a.py")).toBe("2\n");
    expect(await readdir(room.base)).not.toContain("proof");
  });

  it("goes on from a copy in which git was killed", async () => {
    await using room = await createRoom();
    const target = room.open();
    await target.apply(change({ "a.py": "1" }), { signal });
    const copies = await readdir(path.join(room.base, "data-1/deploy"));
    const own = path.join(room.base, "data-1/deploy", copies[0] ?? "", "tree/.git");
    await writeFile(path.join(own, "index.lock"), "");
    await writeFile(path.join(own, "shallow.lock"), "");
    await target.apply(change({ "a.py": "2" }), { signal });
    expect(await room.files()).toEqual({ "a.py": "2" });
  });

  it("that is not there, or cannot be reached, is told apart", async () => {
    await using room = await createRoom();
    await expect(room.openWith({ url: path.join(room.base, "none.git") }).list({ signal })).rejects.toMatchObject({
      code: "DEPLOY_TARGET_REFUSED",
    });
    await expect(room.openWith({ url: "http://127.0.0.1:9/none.git" }).list({ signal })).rejects.toMatchObject({
      code: "DEPLOY_TARGET_UNREACHABLE",
    });
  });

  it("never gives a password away: not in arguments, not in messages", async () => {
    await using room = await createRoom();
    const { createServer } = await import("node:http");
    const seen: string[] = [];
    const server = createServer((request, response) => {
      if (request.headers.authorization !== undefined) seen.push(request.headers.authorization);
      response.writeHead(401, { "www-authenticate": "Basic realm=git" }).end();
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const target = room.openWith({ url: `http://127.0.0.1:${port}/x.git`, username: "me", password: "s3cret-token" });
    const failure = await target.list({ signal }).catch((error: unknown) => error);
    server.close();
    server.closeAllConnections();
    expect(failure).toMatchObject({ code: "DEPLOY_TARGET_REFUSED" });
    expect(JSON.stringify(failure) + String(failure)).not.toContain("s3cret-token");
    expect(seen).toContain(`Basic ${Buffer.from("me:s3cret-token").toString("base64")}`);
    expect((await readdir(path.join(room.base, "data-1/deploy"), { recursive: true })).join()).not.toContain("askpass");
  });
});
