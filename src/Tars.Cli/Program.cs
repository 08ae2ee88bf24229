// The tarscli program: its arguments go to the command that they name.
using Tars.Cli;
using Tars.Engine.Vm;
using Tars.Host;

WarmUp.Begin(args);
Compose.BeforeMicroVms = () => VmEngine.OnProgress ??= CompileProgress.OfProcess().Hear;
return CommandLine.Run(args, Terminal.OfProcess());
