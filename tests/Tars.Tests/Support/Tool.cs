using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace Tars.Tests.Support;

/// <summary>A program of the machine that a test compares with. A test without it is skipped, visibly.</summary>
internal static class Tool
{
    public static (int Status, string Output, string Errors) Run(
        string tool, IEnumerable<string> arguments, string input = "")
    {
        var start = new ProcessStartInfo(tool, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (Win32Exception)
        {
            Assert.Skip($"{tool} is not installed");
        }

        using (process)
        {
            process!.StandardInput.Write(input);
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, errors.GetAwaiter().GetResult());
        }
    }
}
