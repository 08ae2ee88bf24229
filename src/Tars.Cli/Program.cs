// The tarscli program: its arguments go to the command that they name.
using Tars.Cli;
using Tars.Engine.Vm;
using Tars.Host;

WarmUp.Begin(args);
Compose.BeforeMicroVms = () =>
{
    if (VmEngine.OnProgress is null)
    {
        var progress = CompileProgress.OfProcess();
        (VmEngine.OnProgress, VmEngine.OnWarning) = (progress.Hear, progress.Warn);
    }
};
return CommandLine.Run(args, Terminal.OfProcess());
