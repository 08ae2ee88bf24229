using System.Diagnostics;
using System.Net.Sockets;
using Tars.Engine.Vm.Objects.Linux;

namespace Tars.Sim.Hostile;

/// <summary>What a process can still do that has sealed itself as the one does that compiles: a line for each
/// attempt.</summary>
public static class SealedProcess
{
    private static readonly Stack<Process> _others = new();

    private static readonly (string Name, Func<bool> Try)[] _attempts =
    [
        ("memory", () => new byte[8 << 20].Length != 0),
        ("a thread", Thread),
        ("a collection of garbage", Collect),
        ("a file to read", () => File.ReadAllBytes("/etc/passwd").Length != 0),
        ("a file to write", () => Write("sealed")),
        ("a folder", () => Directory.CreateDirectory("sealed-folder").Exists),
        ("a file's name", () => Move("unsealed")),
        ("a file's size", () => File.Exists("/etc/passwd")),
        ("a socket", () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp).Handle != 0),
        ("a local socket", () =>
            new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified).Handle != 0),
        ("a program", Begin),
        ("another process", Kill),
    ];

    /// <summary>Tries each, seals this process, and tries each again. The files stand in the current folder and stay
    /// there, since a sealed process cannot delete them: whoever starts this one gives it a folder of its own.
    /// </summary>
    /// <returns>The status to end with.</returns>
    public static int Run()
    {
        var output = Console.Out; // Opened now: later nothing is.
        File.WriteAllText("unsealed", "");
        _others.Push(Other());
        _others.Push(Other());
        var before = _attempts.Select(one => Words(one.Try)).ToList();
        if (!ChildLimits.Seal())
        {
            output.WriteLine("not sealed");
            return 1;
        }

        foreach (var ((name, attempt), first) in _attempts.Zip(before))
        {
            output.WriteLine($"{name}: {first}, then {Words(attempt)}");
        }

        return 0;
    }

    private static string Words(Func<bool> attempt)
    {
        try
        {
            return attempt() ? "yes" : "no";
        }
        catch (Exception refused)
        {
            return $"no ({refused.GetType().Name})";
        }
    }

    private static bool Thread()
    {
        bool ran = false;
        var thread = new Thread(() => ran = true);
        thread.Start();
        thread.Join();
        return ran;
    }

    private static bool Collect()
    {
        int before = GC.CollectionCount(2);
        GC.Collect();
        return before < GC.CollectionCount(2);
    }

    private static bool Write(string path)
    {
        File.WriteAllText(path, "x");
        File.Delete(path);
        return true;
    }

    private static bool Move(string path)
    {
        File.Move(path, path + "-moved");
        File.Move(path + "-moved", path);
        return true;
    }

    // Its output is not ours, or whoever reads that would wait for both.
    private static Process Other() =>
        Process.Start(new ProcessStartInfo("/bin/sleep", "5") { RedirectStandardOutput = true })!;

    private static bool Begin()
    {
        using var program = Process.Start("/bin/true");
        program.WaitForExit();
        return true;
    }

    private static bool Kill()
    {
        using var other = _others.Pop();
        other.Kill();
        other.WaitForExit();
        return true;
    }
}
