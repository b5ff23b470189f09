import type { Command } from "commander";
import { confirmLoss } from "../fleet/confirm-production.ts";
import type { Column } from "../output/listing.ts";
import { act } from "../session/act.ts";
import { putTerms } from "../session/put-terms.ts";
import { readDocument } from "../session/read-document.ts";
import type { Session } from "../session/session.ts";
import { examples, pathOf } from "./noun.ts";

interface Versioned {
  readonly version: number;
}

/** What people write in files and the server keeps under an id of theirs, with a version: a rule, a policy, a key. */
export interface DefinitionKind<Stored extends Versioned> {
  /** What the commands call its id, as `policy` in `retention put <policy>`. */
  readonly argument: string;
  /** An id, for the examples of the commands. */
  readonly example: string;
  /** @throws DOCUMENT_UNKNOWN */
  readonly read: (session: Session, id: string) => Promise<Stored>;
}

/** A kind that is written whole. */
export interface PutKind<Stored extends Versioned, Written, Body> extends DefinitionKind<Stored> {
  /** A file, for the example. */
  readonly file: string;
  readonly description: string;
  readonly write: (session: Session, id: string, body: Body, terms: { readonly ifMatch?: number }) => Promise<Written>;
  /** What is shown of it once it is written. */
  readonly fields: readonly Column<Written>[];
  /** Said after it was written. */
  readonly note?: string;
}

/** A kind that can be removed. */
export interface RemoveKind<Stored extends Versioned> extends DefinitionKind<Stored> {
  readonly description: string;
  /** Its id as it is written, where the server knows it by another spelling too. */
  readonly idOf?: (stored: Stored) => string;
  /** Asked before, unless `--yes`: what goes, and what becomes of what hangs on it. */
  readonly question: (id: string, stored: Stored) => string;
  readonly remove: (session: Session, id: string, terms: { readonly ifMatch: number }) => Promise<unknown>;
}

/** Where verbs have other names than `put` and `remove`. */
interface VerbNames {
  /** Default: the verb alone. `put-rule` where a noun has several kinds of documents. */
  readonly name?: string;
  /** A word of earlier versions that still works and is not shown. */
  readonly oldName?: string;
}

const addVerb = (noun: Command, name: string, { argument }: { readonly argument: string }, isHidden = false): Command =>
  noun.command(`${name} <${argument}>`, { hidden: isHidden });

/** `put <id> -f <file>`: writes a definition, new or over the version that is there. */
export const addPutCommand = <Stored extends Versioned, Written, Body>(
  noun: Command,
  kind: PutKind<Stored, Written, Body>,
  { name = "put" }: VerbNames = {},
): void => {
  addVerb(noun, name, kind)
    .description(kind.description)
    .requiredOption("-f, --file <file>", "the definition in YAML or JSON; - reads stdin")
    .addHelpText("after", examples(`${pathOf(noun)} ${name} ${kind.example} --file ${kind.file}`))
    .action(
      act<{ readonly file: string }>(async ({ session, options, args: [id = ""] }) => {
        // What it must hold is checked by the server.
        const body = (await readDocument(options.file)) as Body;
        const terms = await putTerms(() => kind.read(session, id));
        await session.output.show(await kind.write(session, id, body, terms), kind.fields, id);
        if (kind.note !== undefined) session.output.note(kind.note);
      }),
    );
};

/** `remove <id>`: asks first, and removes the version that was asked about. */
export const addRemoveCommand = <Stored extends Versioned>(
  noun: Command,
  kind: RemoveKind<Stored>,
  { name = "remove", oldName }: VerbNames = {},
): void => {
  const remove = act<{ readonly yes?: boolean }>(async ({ session, options, args: [given = ""] }) => {
    const stored = await kind.read(session, given);
    const id = kind.idOf?.(stored) ?? given;
    await confirmLoss(session, kind.question(id, stored), options.yes === true);
    await kind.remove(session, id, { ifMatch: stored.version });
    session.output.note(`Removed ${id}.`);
  });
  for (const word of oldName === undefined ? [name] : [name, oldName]) {
    addVerb(noun, word, kind, word === oldName)
      .description(kind.description)
      .option("-y, --yes", "do not ask")
      .addHelpText("after", examples(`${pathOf(noun)} ${name} ${kind.example} --yes`))
      .action(remove);
  }
};
