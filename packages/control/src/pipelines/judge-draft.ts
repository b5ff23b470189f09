import { createModuleLibrary, type LoadModules, type RefusedModule } from "../modules/module-library.ts";
import { silentLogger } from "../logger.ts";
import { type AirflowRuntime, toArtifact } from "./compile-artifact.ts";
import type { CompiledArtifact, CompileTarget, PipelineDraft } from "./pipeline.ts";
import { createPipelineCompiler } from "./pipeline-compiler.ts";
import { checkKeepable, toNewContent } from "./pipeline-content.ts";
import type { PipelineValidation } from "./pipeline-validation.ts";
import { createPipelineValidator } from "./pipeline-validation.ts";

/** A pipeline that is in a file, judged without a server. */
export interface JudgedDraft {
  readonly validation: PipelineValidation;
  /** Null when it does not compile. */
  readonly artifact: CompiledArtifact | null;
  readonly refused: readonly RefusedModule[];
}

interface Options {
  readonly id: string;
  readonly target: CompileTarget;
  readonly runtime: AirflowRuntime;
  readonly loadModules?: LoadModules;
  readonly now: () => number;
}

/** Takes every connection for one that is there. */
const knowConnections = async (ids: readonly string[]) => ({
  known: new Map(ids.map((id) => [id, [{ kind: null, where: "elsewhere" }]])),
  places: [],
});

/**
 * Checks and compiles a pipeline that is in no store. Whether its connections are there is for a server to say.
 *
 * @throws {AirfleetError} REQUEST_INVALID when it is nested too deep
 */
export const judgeDraft = async (draft: PipelineDraft, options: Options): Promise<JudgedDraft> => {
  checkKeepable({ defaultParams: draft.defaultParams });
  const library = createModuleLibrary(options.loadModules, silentLogger);
  await library.reload();
  const compiler = createPipelineCompiler(library, options.now);
  const at = options.now();
  const content = toNewContent(draft, null);
  const request = { id: options.id, content, firstScheduledAt: at };
  const validation = await createPipelineValidator({ compiler, knowConnections })(request, []);
  const { plan, hash } = compiler.compile(request);
  const facts = { createdBy: "", createdAt: at, updatedAt: at, removedAt: null, firstScheduledAt: at, revision: 0 };
  const pipeline = { ...content, ...facts, id: options.id, planHash: hash };
  const artifact =
    plan === null || !validation.valid
      ? null
      : await toArtifact(
          { pipeline, plan, planHash: hash, warnings: validation.warnings },
          options.target,
          options.runtime,
        );
  return { validation, artifact, refused: library.refused() };
};
