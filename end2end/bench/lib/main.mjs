// The frame of a benchmark: whatever it started ends with it, also when it fails or is interrupted.

import { print } from "./report.mjs";

/** Runs `main()`, and `stop()` afterwards. An error is printed and fails the process. */
export async function run(main, stop) {
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => void stop().finally(() => process.exit(130)));
  }
  try {
    await main();
  } catch (error) {
    print(`\n${error.stack}`);
    process.exitCode = 1;
  } finally {
    await stop();
  }
}
