using Tars.Cli;
using Tars.Engine.Vm.Objects;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Cli;

/// <summary>What the system does not allow is told in a sentence, and not by what broke over it.</summary>
public sealed class SystemLimitsTests
{
    private const string Files = "192 are needed: raise it with `ulimit -n 192`";
    private const string Addresses = "4096 are needed: raise it with `ulimit -v unlimited`";

    public static TheoryData<string, string> Commands { get; } = new MatrixTheoryData<string, string>(
        ["ulimit -n 30", "ulimit -n 40", "ulimit -n 48", "ulimit -n 64", "ulimit -n 100", "ulimit -v 2000000"],
        ["check hello.tars", "doctor"]);

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_process_that_is_allowed_too_little_says_so_and_ends(string limit, string command)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux lists the limits of a process");
        string cli = typeof(CommandLine).Assembly.Location;
        string[] words = ["-c", $"{limit} && exec \"$@\"", "sh", CompileChild.DotnetHost(), "exec", cli];
        var (status, output, errors) = Tool.Run("sh", [.. words, .. command.Split(' ')]);
        Assert.Equal((2, ""), (status, output));
        Assert.StartsWith("tarscli: ", errors, StringComparison.Ordinal);
        Assert.EndsWith((limit.Contains("-n", StringComparison.Ordinal) ? Files : Addresses) + "\n", errors,
            StringComparison.Ordinal);
        Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("1024", "unlimited", null)]
    [InlineData("192", "4294967296", null)]
    [InlineData("unlimited", "unlimited", null)]
    [InlineData("191", "unlimited", $"191 files may be open at once, and {Files}")]
    [InlineData("1024", "4294967295", $"4095 MiB of addresses may be used, and {Addresses}")]
    public void Limits_are_read_as_the_system_lists_them(string files, string addresses, string? expected) =>
        Assert.Equal(expected, SystemLimits.WhyNot(
            $"""
            Limit                     Soft Limit           Hard Limit           Units
            Max cpu time              unlimited            unlimited            seconds
            Max open files            {files,-20} 1048576              files
            Max address space         {addresses,-20} unlimited            bytes
            Max realtime timeout      unlimited            unlimited            us

            """));

    [Theory]
    [InlineData("")]
    [InlineData("Max open files")]
    [InlineData("Max open files            ")]
    [InlineData("Max open files            many")]
    public void What_is_not_listed_is_not_limited(string limits) => Assert.Null(SystemLimits.WhyNot(limits));
}
