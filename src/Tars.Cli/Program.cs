// The tarscli program: its arguments go to the command that they name.
using Tars.Cli;
using Tars.Engine.Vm;
using Tars.Host;

return SystemLimits.Guard("tarscli", () => Begin(args));

static int Begin(string[] arguments)
{
    WarmUp.Begin(arguments);
    Compose.BeforeMicroVms = () =>
    {
        if (VmEngine.OnProgress is null)
        {
            var progress = CompileProgress.OfProcess();
            (VmEngine.OnProgress, VmEngine.OnWarning) = (progress.Hear, progress.Warn);
        }
    };
    return CommandLine.Run(arguments, Terminal.OfProcess());
}
