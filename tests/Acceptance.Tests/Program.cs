using ExposureMonitor.Acceptance.Tests;

// The test host loads this assembly as a library; a test starts it as a process of its own, which it can kill.
return args is ["groups", .. var rest] ? await GroupHost.RunAsync(rest) : 2;
