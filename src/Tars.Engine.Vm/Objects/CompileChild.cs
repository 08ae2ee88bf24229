using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Tars.Engine.Vm.Llvm;

namespace Tars.Engine.Vm.Objects;

/// <summary>One child process that compiles, kept warm from one job to the next until it dies.</summary>
/// <remarks>
/// Invariants:
///   I1  Whatever a job does, it is over when its time is: no pipe is waited for on the caller's thread, since a
///       process that the child began could hold it open for ever.
///   I2  A child that did not answer a job as it should is never given another.
/// </remarks>
internal sealed class CompileChild : IDisposable
{
    private const int SignalBase = 128;
    private const int SigKill = 9;
    private const int SigTerm = 15;
    private const int SigXCpu = 24;

    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly ManualResetEventSlim _saidAll = new();
    private readonly CompileLimits _limits;
    private bool _isDead;

    private CompileChild(Process process, CompileLimits limits)
    {
        _process = process;
        _limits = limits;
        new Thread(() => Hear(process.StandardError)) { IsBackground = true, Name = "compile errors" }.Start();
    }

    /// <summary>Whether it can be given another job.</summary>
    public bool IsWarm => !_isDead && !_process.HasExited;

    /// <summary>Starts one; null, with a reason, when the system starts no such process.</summary>
    public static CompileChild? Start(ProcessStartInfo program, CompileLimits limits, out string refusal)
    {
        refusal = "";
        try
        {
            return new CompileChild(Process.Start(program)!, limits); // It answers null only to the shell's programs.
        }
        catch (Exception failed) when (failed is Win32Exception or IOException)
        {
            refusal = $"the compiler's process does not start: {failed.Message}";
            return null;
        }
    }

    /// <summary>This program's own child: `dotnet exec` of this assembly, with nothing of our environment that it does
    /// not need.</summary>
    public static ProcessStartInfo Program(CompileLimits limits)
    {
        string assembly = typeof(CompileChild).Assembly.Location;
        var program = new ProcessStartInfo(DotnetHost())
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(assembly)!, // It is a file in a folder.
        };
        foreach (string word in new[] { "exec", assembly, "compile", $"{limits.MemoryBytes}" })
        {
            program.ArgumentList.Add(word);
        }

        program.Environment.Clear();
        program.Environment["DOTNET_gcConcurrent"] = "0";
        program.Environment["DOTNET_GCHeapHardLimit"] = $"{limits.MemoryBytes / 4:x}";
        program.Environment["DOTNET_EnableDiagnostics"] = "0";
        program.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        program.Environment["DOTNET_TieredPGO"] = "0";
        return program;
    }

    /// <summary>The answer that nobody waited for.</summary>
    public static ObjectAnswer Stopped { get; } = new ObjectAnswer.Refused("nobody waits for its code any more");

    /// <summary>Has one piece of code compiled. Afterwards it may be dead: see <see cref="IsWarm"/>.</summary>
    public ObjectAnswer Compile(ReadOnlySpan<byte> code, CodeTier tier, CancellationToken stop)
    {
        byte[] octets = code.ToArray();
        ObjectAnswer? answer = null;
        bool isWhole = false;
        var talk = new Thread(() => answer = Talk(octets, tier, out isWhole)) { IsBackground = true, Name = "compile" };
        talk.Start();
        long begin = Stopwatch.GetTimestamp();
        while (!talk.Join(Limits.CompileLookMilliseconds))
        {
            bool isLate = _limits.Wall < Stopwatch.GetElapsedTime(begin); // I1
            if (isLate || stop.IsCancellationRequested)
            {
                _isDead = true;
                End();
                return !isLate
                    ? Stopped
                    : new ObjectAnswer.Refused($"compiling it took more than {_limits.Wall.TotalSeconds:0} s");
            }
        }

        _isDead = !isWhole; // I2
        return answer ?? WhyDead();
    }

    private ObjectAnswer? Talk(byte[] code, CodeTier tier, out bool isWhole)
    {
        isWhole = false;
        try
        {
            CompileFrames.WriteJob(_process.StandardInput.BaseStream, code, tier, _limits.CpuSeconds);
            return CompileFrames.ReadAnswer(_process.StandardOutput.BaseStream, _limits.ObjectBytes, out isWhole);
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException)
        {
            return null; // It ended, or was ended, while it was spoken to.
        }
    }

    public void Dispose()
    {
        End();
        _process.Dispose();
    }

    /// <summary>The program that runs assemblies: the one that came with the runtime that we run on. This process need
    /// not have been started by it: a program that is built has a start of its own, which takes no other assembly.
    /// </summary>
    public static string DotnetHost()
    {
        string shared = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        string beside = Path.Combine(shared, "dotnet");
        return File.Exists(beside) ? beside
            : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } named ? named
            : "dotnet";
    }

    private void End()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception ended) when (ended is InvalidOperationException or Win32Exception)
        {
            // It has ended by itself.
        }
    }

    // To the end, so that the child never waits for us; in pieces, since its lines can be of any length.
    private void Hear(StreamReader said)
    {
        char[] piece = new char[Limits.RefusalTextMax];
        try
        {
            for (int count = said.Read(piece); count != 0; count = said.Read(piece))
            {
                lock (_said)
                {
                    _said.Append(piece, 0, Math.Min(count, Limits.RefusalTextMax - _said.Length));
                }
            }
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException)
        {
            // Nobody listens any more.
        }

        _saidAll.Set();
    }

    private ObjectAnswer.Refused WhyDead()
    {
        if (!_process.WaitForExit(Limits.ChildEndMilliseconds))
        {
            End(); // It answered what is no answer and goes on.
            return new ObjectAnswer.Refused("the compiler's process answered what is no answer");
        }

        _saidAll.Wait(Limits.ChildEndMilliseconds);
        string said;
        lock (_said)
        {
            string text = _said.ToString().Trim().ReplaceLineEndings("; ");
            said = text.Length == 0 ? "" : $": {PlainText.Of(text)}";
        }

        int signal = _process.ExitCode - SignalBase;
        string reason = signal == SigXCpu ? $"compiling it took more than {_limits.CpuSeconds} s of processor time"
            : 0 < signal ? $"the compiler's process died of signal {signal}{said}"
            : $"the compiler's process ended with status {_process.ExitCode}{said}";
        return new ObjectAnswer.Refused(reason, IsKilled: signal is SigKill or SigTerm);
    }
}
