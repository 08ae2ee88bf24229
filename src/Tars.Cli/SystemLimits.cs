using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Tars.Cli;

/// <summary>Says in one sentence that the system allows this process less than it needs, and ends it.</summary>
/// <remarks>
/// A runtime that may open no more files finds no more of its own assemblies, wherever it is just then, and what it
/// says of that helps nobody. So it is asked before anything else is loaded: what runs before that is in the core
/// library. A limit that somebody lowers later is not looked at: what is left then would not do to say so.
/// </remarks>
internal static class SystemLimits
{
    // A run with a guest in a machine of its own has some 120 files open, and leaves 64 to others.
    private const long FilesMin = 192;

    // The runtime alone reserves 1.3 GB, and each guest as much as its memory may become.
    private const long AddressBytesMin = 4L << 30;

    private const int ValueAt = 26;

    /// <summary>Runs the program where it is allowed what it needs; gives its status.</summary>
    /// <param name="name">What the user called.</param>
    public static int Guard(string name, Func<int> run) => WhyNot() is { } why ? Tell(name, why) : run();

    /// <summary>Null when the limits of a process, as Linux lists them, leave it what it needs.</summary>
    internal static string? WhyNot(string limits)
    {
        long files = SoftOf(limits, "Max open files");
        long addresses = SoftOf(limits, "Max address space");
        return files < FilesMin
            ? $"{files} files may be open at once, and {FilesMin} are needed: raise it with `ulimit -n {FilesMin}`"
            : addresses < AddressBytesMin
                ? $"{addresses >> 20} MiB of addresses may be used, and {AddressBytesMin >> 20} are needed: "
                    + "raise it with `ulimit -v unlimited`"
                : null;
    }

    private static string? WhyNot()
    {
        try
        {
            return OperatingSystem.IsLinux() ? WhyNot(File.ReadAllText("/proc/self/limits")) : null;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return null; // It does not list them.
        }
    }

    // NAME, padded, then the soft and the hard limit and the unit. What is not listed is not limited.
    private static long SoftOf(string limits, string name)
    {
        int at = limits.IndexOf(name, StringComparison.Ordinal);
        if (at < 0 || limits.Length < at + ValueAt)
        {
            return long.MaxValue;
        }

        var value = limits.AsSpan(at + ValueAt);
        int end = value.IndexOf(' ');
        value = end < 0 ? value : value[..end];
        return long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long soft)
            ? soft
            : long.MaxValue;
    }

    private static int Tell(string name, string why)
    {
        byte[] line = Encoding.UTF8.GetBytes($"{name}: {why}\n");
        try
        {
            TellConsole(line);
        }
        catch (Exception)
        {
            TellDirectly(line); // The console was more than could be loaded, or than could be opened.
        }

        return ExitStatus.Unusable;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void TellConsole(byte[] line) => Console.OpenStandardError().Write(line);

    private static void TellDirectly(byte[] line)
    {
        try
        {
            const int StandardError = 2;
            using var handle = new SafeFileHandle(StandardError, ownsHandle: false);
            using var error = new FileStream(handle, FileAccess.Write, bufferSize: 0);
            error.Write(line);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // There is nobody to tell; the status does.
        }
    }
}
