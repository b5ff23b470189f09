import { lstat, readlink } from "node:fs/promises";
import path from "node:path";
import { StepRefusal } from "../step-trouble.ts";

/** As many links as Linux follows in one path. */
const MOST_LINKS = 40;

/** A path with every link on its way followed, also where its end is not there yet. */
const followLinks = async (absolute: string): Promise<string> => {
  let links = 0;
  const left = absolute.split("/").filter((part) => part !== "");
  let done = "/";
  while (left.length > 0) {
    const part = left.shift() ?? "";
    if (part === ".") continue;
    if (part === "..") {
      done = path.dirname(done);
      continue;
    }
    const next = path.join(done, part);
    const isLink = await lstat(next).then(
      (found) => found.isSymbolicLink(),
      () => false,
    );
    if (!isLink) {
      done = next;
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) throw new StepRefusal(`"${absolute}" goes in circles through links.`);
    const target = await readlink(next);
    if (target.startsWith("/")) done = "/";
    left.unshift(...target.split("/").filter((each) => each !== ""));
  }
  return done;
};

const isBelow = (file: string, folder: string): boolean =>
  file === folder || file.startsWith(folder === "/" ? folder : `${folder}/`);

/** A path that a user wrote, below one of the roots; links are followed before it is judged. */
export const resolvePath = async (roots: readonly string[], given: string): Promise<string> => {
  if (given.includes("\0")) throw new StepRefusal("A path cannot hold the sign U+0000.");
  for (const root of roots) {
    const base = await followLinks(path.resolve(root));
    const file = await followLinks(given.startsWith("/") ? given : `${base}/${given}`);
    if (isBelow(file, base)) return file;
  }
  const allowed = roots.length === 0 ? "none" : roots.join(", ");
  throw new StepRefusal(`"${given}" is outside the folders that pipelines may use (${allowed}; see data.roots).`);
};
