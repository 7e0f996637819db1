/** Ends the run with one line that scripts can read: `N passed, N failed`. */
export default class LastLineReporter {
  onTestRunEnd(modules, unhandledErrors) {
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      passed += tests.filter((test) => test.result().state === 'passed').length;
      const failedTests = tests.filter((test) => test.result().state === 'failed').length;
      // A file that cannot even be loaded has no failed test, and yet it failed.
      failed += failedTests || (module.ok() ? 0 : 1);
    }
    process.once('exit', () => process.stdout.write(`${passed} passed, ${failed} failed\n`));
  }
}
