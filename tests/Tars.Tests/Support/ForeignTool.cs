using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace Tars.Tests.Support;

/// <summary>A program of others that judges what we write; a test without it is skipped, and says so.</summary>
internal static class ForeignTool
{
    /// <summary>What it complains about; empty when it ends well.</summary>
    public static string ErrorsOf(string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(tool, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using Process? process = Started(start);
        Assert.SkipWhen(process is null, $"{tool} is not installed");
        process!.BeginOutputReadLine();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? "" : $"status {process.ExitCode}: {errors}";
    }

    private static Process? Started(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
