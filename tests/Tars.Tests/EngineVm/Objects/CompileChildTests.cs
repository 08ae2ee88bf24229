using System.Diagnostics;
using Tars.Engine.Vm.Llvm;
using Tars.Engine.Vm.Loading;
using Tars.Engine.Vm.Objects;
using Xunit;

namespace Tars.Tests.EngineVm.Objects;

/// <summary>Whatever the process that compiles does, its job ends in time and is refused by name.</summary>
public sealed class CompileChildTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static readonly CompileLimits _limits =
        new(CpuSeconds: 5, Wall: TimeSpan.FromSeconds(2), MemoryBytes: 1 << 30, ObjectBytes: 1 << 20);

    public static TheoryData<string, string> Children => new()
    {
        { "exec sleep 600", "compiling it took more than 2 s" },
        { "cat > /dev/null; sleep 600", "compiling it took more than 2 s" },
        { "kill -ABRT $$", "the compiler's process died of signal 6" },
        { "echo 'LLVM ERROR: out of memory' >&2; kill -ABRT $$", "died of signal 6: LLVM ERROR: out of memory" },
        { "kill -XCPU $$", "compiling it took more than 5 s of processor time" },
        { "exit 3", "the compiler's process ended with status 3" },
        { "printf '\\1\\0\\0\\0\\5\\0\\0\\0abc'", "the compiler's process ended with status 0" },
        { "printf 'this is no answer'; sleep 600", "the compiler's process answered what is no answer" },
        { "printf '\\2\\0\\0\\0\\377\\377\\377\\177'; sleep 600", "the compiler's process answered what is no answer" },
        { "printf '\\1\\0\\0\\0\\377\\377\\377\\377'; sleep 600", "the compiler's process answered what is no answer" },
        { "printf '\\1\\0\\0\\0\\0\\0\\0\\1'; sleep 600", "its machine code has 16,777,216 octets" },
        { "printf '\\2\\0\\0\\0\\4\\0\\0\\0a\\033\\nb'; sleep 600", "a  b" },
        { "head -c 30000000 /dev/zero | tr '\\0' x >&2; exit 3", "process ended with status 3: xxx" },
        { "yes >&2", "compiling it took more than 2 s" },
    };

    [Theory]
    [MemberData(nameof(Children))]
    public void A_child_that_fails_is_named_in_time_and_the_next_job_has_another(string does, string expected)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the micro-VM engine is for Linux");
        int started = 0;
        using var compiler = new ObjectCompiler(
            () => Shell(started++ == 0 ? does : "printf '\\1\\0\\0\\0\\3\\0\\0\\0abc'; sleep 600"),
            _limits,
            cache: null);
        long begin = Environment.TickCount64;
        var refused = Assert.IsType<ObjectAnswer.Refused>(compiler.Compile("y"u8, CodeTier.O2, "", stop: Stop));
        Assert.Contains(expected, refused.Reason, StringComparison.Ordinal);
        Assert.True(Environment.TickCount64 - begin < 20_000, "it took too long");

        // A refusal that is an answer leaves its child warm; this one then does not answer again.
        ObjectAnswer next = compiler.Compile("x"u8, CodeTier.O2, "", stop: Stop);
        next = next is ObjectAnswer.Made ? next : compiler.Compile("x"u8, CodeTier.O2, "", stop: Stop);
        Assert.Equal("abc"u8, Assert.IsType<ObjectAnswer.Made>(next).Octets.Span);
        Assert.Equal(2, compiler.Children);
    }

    // An operator did, or a system that was out of memory; what is refused here is refused for good.
    [Theory]
    [InlineData("KILL", 9)]
    [InlineData("TERM", 15)]
    public void A_child_that_somebody_killed_is_not_the_fault_of_its_code_at_once(string name, int number)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the micro-VM engine is for Linux");
        string kill = $"kill -{name} $$";
        int started = 0;
        using var once = new ObjectCompiler(
            () => Shell(started++ == 0 ? kill : "printf '\\1\\0\\0\\0\\3\\0\\0\\0abc'; sleep 600"),
            _limits,
            cache: null);
        Assert.IsType<ObjectAnswer.Made>(once.Compile("x"u8, CodeTier.O2, "", stop: Stop));
        Assert.Equal(2, once.Children);

        using var always = new ObjectCompiler(() => Shell(kill), _limits, cache: null);
        var refused = Assert.IsType<ObjectAnswer.Refused>(always.Compile("x"u8, CodeTier.O2, "", stop: Stop));
        Assert.Equal($"the compiler's process died of signal {number}", refused.Reason);
        Assert.Equal(2, always.Children);
    }

    // Its child says so of itself before its first job: see CompileWorker.
    [Theory]
    [InlineData("f", 4096, true)]
    [InlineData("f", 4104, true)]
    [InlineData("f", 4095, false)]
    [InlineData("g", 4096, false)]
    public void A_compiler_whose_frames_are_not_heard_is_not_believed(string name, long size, bool expected)
    {
        byte[] made = FramedObject.Write(new Dictionary<string, long> { [name] = size }, "code"u8);
        Assert.Equal(expected, CompileWorker.HasFrame(made));
        Assert.False(CompileWorker.HasFrame(FramedObject.Write(new Dictionary<string, long>(), "code"u8)));
        Assert.False(CompileWorker.HasFrame("code"u8.ToArray()));
    }

    [Fact]
    public void A_child_that_does_not_read_is_ended_in_time()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the micro-VM engine is for Linux");
        using var compiler = new ObjectCompiler(() => Shell("sleep 600"), _limits, cache: null);
        var refused = Assert.IsType<ObjectAnswer.Refused>(
            compiler.Compile(new byte[1 << 20], CodeTier.O2, "", stop: Stop));
        Assert.Equal("compiling it took more than 2 s", refused.Reason);
    }

    [Fact]
    public void A_job_that_nobody_waits_for_any_more_is_ended_at_once_and_the_next_has_another_child()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the micro-VM engine is for Linux");
        int started = 0;
        var limits = _limits with { Wall = TimeSpan.FromMinutes(5) };
        using var compiler = new ObjectCompiler(
            () => Shell(started++ == 0 ? "sleep 600" : "printf '\\1\\0\\0\\0\\3\\0\\0\\0abc'; sleep 600"),
            limits,
            cache: null);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        var refused = compiler.Compile("x"u8, CodeTier.O2, "", stop: stop.Token);
        Assert.Same(CompileChild.Stopped, refused);
        Assert.IsType<ObjectAnswer.Made>(compiler.Compile("x"u8, CodeTier.O2, "", stop: Stop));
    }

    [Fact]
    public void A_program_that_is_not_there_is_refused()
    {
        using var compiler = new ObjectCompiler(() => Piped("/nonexistent/program"), _limits, cache: null);
        var refused = Assert.IsType<ObjectAnswer.Refused>(compiler.Compile("x"u8, CodeTier.O2, "", stop: Stop));
        Assert.Contains("the compiler's process does not start", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_that_is_too_long_is_refused_before_any_process_is_begun()
    {
        using var compiler = new ObjectCompiler(() => throw new UnreachableException(), _limits, cache: null);
        byte[] code = new byte[Tars.Engine.Vm.Limits.CodeTextBytesMax + 1];
        Assert.IsType<ObjectAnswer.Refused>(compiler.Compile(code, CodeTier.O2, "", stop: Stop));
    }

    private static ProcessStartInfo Shell(string does)
    {
        var program = Piped("/bin/sh");
        program.ArgumentList.Add("-c");
        program.ArgumentList.Add(does);
        return program;
    }

    private static ProcessStartInfo Piped(string file) => new(file)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };
}
