import { defineErrors } from "./definition.ts";

/** What can go wrong with bringing pipelines to instances. */
export const deploymentErrors = defineErrors({
  DEPLOY_TARGET_MISSING: {
    status: 422,
    retryable: false,
    message:
      'Nothing says where "{instance}" reads its files from, so nothing can be deployed to it. Set "deploy" of this instance: {type: folder | s3 | git, …}.',
  },
  DEPLOY_TARGET_UNREACHABLE: {
    status: 503,
    retryable: true,
    message: "{target} cannot be reached now: {reason}. It is tried again for some minutes.",
  },
  DEPLOY_TARGET_REFUSED: {
    status: 422,
    retryable: false,
    message: "{target} does not take our files: {reason}. Mend it, then deploy again.",
  },
  DEPLOY_NAME_TAKEN: {
    status: 409,
    retryable: false,
    message:
      '"{path}" in {target} was not written by Airfleet, so it is left alone. Move it away, or give this instance another folder of its own.',
  },
  DEPLOY_PATH_INVALID: {
    status: 422,
    retryable: false,
    message:
      '"{path}" is no path within a folder of files: names of letters, digits, "_", "." and "-" with "/" between.',
  },
  DEPLOY_RACE_LOST: {
    status: 409,
    retryable: true,
    message:
      "Somebody else changed {target} each of the {attempts} times that we wrote to it. Deploy again when it is quiet.",
  },
  DEPLOYMENT_UNKNOWN: {
    status: 404,
    retryable: false,
    message: 'There is no deployment "{deployment}". GET /api/v1/deployments lists them.',
  },
  DEPLOYMENT_ABSENT: {
    status: 404,
    retryable: false,
    message:
      'Pipeline "{pipeline}" is not deployed to "{instance}". GET /api/v1/deployments?pipeline_id={pipeline} tells where it is.',
  },
  DEPLOYMENT_FIRST: {
    status: 409,
    retryable: false,
    message:
      'Nothing else was deployed of pipeline "{pipeline}" to "{instance}" before {deployment}: there is nothing to go back to. Deploy another version instead.',
  },
  DEPLOYMENT_IMPORT_FAILED: {
    status: 502,
    retryable: false,
    message: '"{instance}" cannot import the file of pipeline "{pipeline}": {reason}',
  },
  DEPLOYMENT_NOT_SEEN: {
    status: 504,
    retryable: true,
    message:
      '"{instance}" has not read the file since it was written {seconds} s ago; {scan}. Does it read {target}? The deployment goes on waiting.',
  },
  DEPLOYMENT_NOT_LIVE: {
    status: 504,
    retryable: true,
    message:
      '"{instance}" has read the file, but has served another version for {seconds} s. The deployment goes on waiting.',
  },
  DEPLOYMENT_UNVERIFIED: {
    status: 502,
    retryable: true,
    message: 'The file is written, but "{instance}" does not answer whether it is live: {reason}',
  },
  PROMOTION_BLOCKED: {
    status: 422,
    retryable: false,
    message: '"{to}" lacks what the pipeline names: {missing}. Make them there, or send "allow_missing": true.',
  },
});
