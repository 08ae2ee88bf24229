using System.Diagnostics;
using System.Globalization;

namespace Tars.Bench.Kernels;

/// <summary>Another program that runs the kernel: for each line with a number of turns it answers a line.</summary>
/// <remarks>The answer is the checksum, a blank, and the nanoseconds of processor time.</remarks>
internal sealed class ChildContestant : Contestant
{
    private readonly Process _process;

    public ChildContestant(string name, string program, params string[] arguments)
        : base(name)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
    }

    public override Turn Run(int turns)
    {
        _process.StandardInput.WriteLine(turns.ToString(CultureInfo.InvariantCulture));
        _process.StandardInput.Flush();
        string line = _process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"{Name} ended with {_process.ExitCode}");
        string[] words = line.Split(' ');
        return new Turn(
            uint.Parse(words[0], CultureInfo.InvariantCulture), double.Parse(words[1], CultureInfo.InvariantCulture));
    }

    public override void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
