using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Tars.Cli;
using Tars.Engine.Vm.Objects;
using Xunit;

namespace Tars.Tests.Support;

/// <summary>The program `tarscli` at a terminal of its own, made by `script` of util-linux; without that a test is
/// skipped, visibly.</summary>
/// <remarks>Use: Begin it, wait for what it says with Until, Say what a person would, End it.</remarks>
internal sealed class PseudoTerminal : IDisposable
{
    public const string Interrupt = "\u0003";
    public const string EndOfInput = "\u0004";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly Process _script;
    private readonly List<byte> _shown = [];
    private readonly Lock _gate = new();
    private readonly Task _reading;

    private PseudoTerminal(Process script)
    {
        _script = script;
        _reading = Task.Run(Read);
    }

    /// <summary>All that the terminal shows, and what it echoes.</summary>
    public string Shown
    {
        get
        {
            lock (_gate)
            {
                return Encoding.UTF8.GetString([.. _shown]).Replace("\r", "", StringComparison.Ordinal);
            }
        }
    }

    /// <param name="words">Without blanks or quotes.</param>
    public static PseudoTerminal Begin(string folder, params string[] words)
    {
        string program = typeof(CommandLine).Assembly.Location;

        // Who was started with interrupts ignored, as by nohup, would hand that on.
        string[] call = ["exec env --default-signal=INT", CompileChild.DotnetHost(), "exec", program, .. words];
        var start = new ProcessStartInfo("script", ["-q", "-e", "-c", string.Join(' ', call), "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = folder,
        };
        start.Environment["XDG_STATE_HOME"] = Path.Combine(folder, "state");
        start.Environment["TERM"] = "dumb";
        start.Environment["SHELL"] = "/bin/sh";
        try
        {
            return new PseudoTerminal(Process.Start(start)!);
        }
        catch (Win32Exception)
        {
            Assert.Skip("script of util-linux is not installed");
            throw;
        }
    }

    public void Until(string text) => Assert.True(
        SpinWait.SpinUntil(() => Shown.Contains(text, StringComparison.Ordinal), _patience),
        $"it never said {text}:\n{Shown}");

    public void Say(string text)
    {
        _script.StandardInput.Write(text);
        _script.StandardInput.Flush();
    }

    /// <summary>Its exit status, once all that it said was read.</summary>
    public int End()
    {
        Assert.True(_script.WaitForExit(_patience) && _reading.Wait(_patience), $"it does not end:\n{Shown}");
        return _script.ExitCode;
    }

    public void Dispose()
    {
        if (!_script.HasExited)
        {
            _script.Kill(entireProcessTree: true);
        }

        _script.Dispose();
    }

    // Octet by octet as they come: a reader of characters may wait for more than there is.
    private void Read()
    {
        byte[] part = new byte[1_024];
        int read = _script.StandardOutput.BaseStream.Read(part);
        while (0 < read)
        {
            lock (_gate)
            {
                _shown.AddRange(part.AsSpan(0, read));
            }

            read = _script.StandardOutput.BaseStream.Read(part);
        }
    }
}
