using System.Diagnostics;
using System.Globalization;
using System.Text;
using Tars.Engine.Vm.Llvm;
using Tars.Engine.Vm.Loading;
using Tars.Engine.Vm.Objects;
using Xunit;

namespace Tars.Tests.EngineVm.Objects;

/// <summary>The real compiler in its real process: what it makes, what it refuses, and what cannot make it
/// last.</summary>
public sealed class ObjectCompilerTests
{
    private const string Plain = "define i32 @f(i32 %a) {\n  %b = mul i32 %a, 3\n  ret i32 %b\n}\n";

    private static readonly CompileLimits _limits = new(
        CpuSeconds: 3, Wall: TimeSpan.FromSeconds(60), MemoryBytes: 1 << 30, ObjectBytes: 16 << 20);

    // Code that costs a compiler far more than its length.
    public static TheoryData<string> Bombs => new(
        "a function of 150,000 steps", "a switch of 60,000 ways", "phis of 1,500 by 1,500", "loops in loops, 400 deep",
        "4,000 locals and 4,000 branches", "a type within a type, 100,000 deep");

    [Fact]
    public void Code_becomes_an_object_and_the_process_stays_for_the_next()
    {
        Need();
        using var compiler = Compiler();
        for (int job = 0; job < 5; job++)
        {
            var made = Assert.IsType<ObjectAnswer.Made>(Compile(compiler, Plain));
            var (_, code) = Assert.NotNull(FramedObject.Read(made.Octets));
            Assert.Equal("\u007fELF"u8, code.Span[..4]);
        }

        Assert.Equal((5, 1), (compiler.Compiled, compiler.Children));
    }

    [Fact]
    public void Equal_code_gives_equal_octets_in_every_process()
    {
        Need();
        using var one = Compiler();
        using var other = Compiler();
        Assert.Equal(
            Assert.IsType<ObjectAnswer.Made>(Compile(one, Plain)).Octets.ToArray(),
            Assert.IsType<ObjectAnswer.Made>(Compile(other, Plain)).Octets.ToArray());
    }

    [Theory]
    [InlineData("this is no code", "LLVM cannot read it")]
    [InlineData("define i32 @f() {\n  ret i64 1\n}\n", "LLVM cannot read it")]
    [InlineData("\0\0\u0001", "LLVM cannot read it")]
    public void What_is_no_code_is_refused_and_costs_no_process(string code, string expected)
    {
        Need();
        using var compiler = Compiler();
        var refused = Assert.IsType<ObjectAnswer.Refused>(Compile(compiler, code));
        Assert.Contains(expected, refused.Reason, StringComparison.Ordinal);
        Assert.IsType<ObjectAnswer.Made>(Compile(compiler, Plain));
        Assert.Equal(1, compiler.Children);
    }

    [Theory]
    [MemberData(nameof(Bombs))]
    public void A_bomb_ends_within_its_limits_and_the_next_code_is_compiled(string bomb)
    {
        Need();
        using var compiler = Compiler();
        long begin = Stopwatch.GetTimestamp();
        var answer = Compile(compiler, BombOf(bomb));
        Assert.True(Stopwatch.GetElapsedTime(begin) < _limits.Wall + TimeSpan.FromSeconds(10), "it took too long");
        if (answer is ObjectAnswer.Refused { Reason: var reason })
        {
            Assert.Matches("took more than|died of signal|ended with status|LLVM ", reason);
        }

        Assert.IsType<ObjectAnswer.Made>(Compile(compiler, Plain));
    }

    [Fact]
    public void What_was_compiled_is_found_by_the_next_compiler_without_a_process()
    {
        Need();
        string folder = Directory.CreateTempSubdirectory("tars-objects").FullName;
        try
        {
            using var one = Compiler(new ObjectCache(folder, 1 << 20));
            var made = Assert.IsType<ObjectAnswer.Made>(Compile(one, Plain));
            using var other = Compiler(new ObjectCache(folder, 1 << 20));
            var found = Assert.IsType<ObjectAnswer.Made>(Compile(other, Plain));
            Assert.Equal(made.Octets.ToArray(), found.Octets.ToArray());
            Assert.Equal((0, 0), (other.Compiled, other.Children));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Before it began, while it compiles, and when it is done: whichever comes first, each job has one answer.
    [Theory]
    [InlineData("Plain")]
    [InlineData("a function of 150,000 steps")]
    public void A_stop_that_races_with_the_compiler_gives_one_answer_and_harms_no_other_job(string name)
    {
        Need();
        using var compiler = Compiler();
        byte[] code = Encoding.UTF8.GetBytes(name == "Plain" ? Plain : BombOf(name));
        for (int round = 0; round < 12; round++)
        {
            using var stop = new CancellationTokenSource();
            using var begins = new ManualResetEventSlim();
            int turns = round * 3_000;
            var stopper = new Thread(() =>
            {
                begins.Wait();
                Thread.SpinWait(turns);
                stop.Cancel();
            });
            stopper.Start();
            var answer = compiler.Compile(
                code, CodeTier.O0, options: "", isAnew: true, onCompile: begins.Set, stop.Token);
            stopper.Join();
            if (answer is ObjectAnswer.Refused refused)
            {
                Assert.Equal(CompileChild.Stopped, refused);
            }

            Assert.IsType<ObjectAnswer.Made>(Compile(compiler, Plain));
        }
    }

    [Fact]
    public void Who_waits_behind_another_job_is_told_at_once_when_nobody_wants_his()
    {
        Need();
        using var compiler = Compiler();
        using var first = new CancellationTokenSource();
        using var begins = new ManualResetEventSlim();
        ObjectAnswer? answer = null;
        byte[] bomb = Encoding.UTF8.GetBytes(BombOf("a function of 150,000 steps"));
        var busy = new Thread(() => answer = compiler.Compile(
            bomb, CodeTier.O2, options: "", isAnew: true, onCompile: begins.Set, first.Token));
        busy.Start();
        begins.Wait(TestContext.Current.CancellationToken);
        using var second = new CancellationTokenSource();
        second.Cancel();
        var other = compiler.Compile(Encoding.UTF8.GetBytes(Plain), CodeTier.O0, options: "", stop: second.Token);
        first.Cancel();
        busy.Join();
        Assert.True(other is ObjectAnswer.Made || other == CompileChild.Stopped); // It may have come first.
        Assert.NotNull(answer);
        Assert.IsType<ObjectAnswer.Made>(Compile(compiler, Plain));
    }

    private static void Need()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the micro-VM engine is for Linux");
        Assert.SkipWhen(LlvmLibrary.Missing is not null, LlvmLibrary.Missing ?? "");
    }

    private static ObjectCompiler Compiler(ObjectCache? cache = null) =>
        new(() => CompileChild.Program(_limits), _limits, cache);

    private static ObjectAnswer Compile(ObjectCompiler compiler, string code) =>
        compiler.Compile(Encoding.UTF8.GetBytes(code), CodeTier.O2, options: "");

    private static string BombOf(string name) => name switch
    {
        "a function of 150,000 steps" => Steps(150_000),
        "a switch of 60,000 ways" => Ways(60_000),
        "phis of 1,500 by 1,500" => Phis(1_500),
        "loops in loops, 400 deep" => Loops(400),
        "4,000 locals and 4,000 branches" => Locals(4_000),
        "a type within a type, 100,000 deep" => $"@a = global {new string('{', 100_000)}",
        _ => throw new UnreachableException(),
    };

    private static string Steps(int count)
    {
        var code = new StringBuilder("define i64 @f(i64 %v0, ptr %p) {\n");
        for (int at = 0; at < count; at++)
        {
            string step = (at % 3) switch
            {
                0 => $"mul i64 %v{at}, {at + 3}",
                1 => $"xor i64 %v{at}, %v{at / 2}",
                _ => $"load volatile i64, ptr %p",
            };
            code.Append(CultureInfo.InvariantCulture, $"  %v{at + 1} = {step}\n");
        }

        return code.Append(CultureInfo.InvariantCulture, $"  ret i64 %v{count}\n}}\n").ToString();
    }

    private static string Ways(int count)
    {
        var code = new StringBuilder("define i32 @f(i32 %a, ptr %p) {\n  switch i32 %a, label %out [\n");
        for (int at = 0; at < count; at++)
        {
            code.Append(CultureInfo.InvariantCulture, $"    i32 {at * 7}, label %w{at}\n");
        }

        code.Append("  ]\n");
        for (int at = 0; at < count; at++)
        {
            code.Append(CultureInfo.InvariantCulture, $"w{at}:\n  store volatile i32 {at}, ptr %p\n  br label %out\n");
        }

        return code.Append("out:\n  ret i32 0\n}\n").ToString();
    }

    // Each of so many values depends on which of so many ways was come.
    private static string Phis(int count)
    {
        var code = new StringBuilder("define i32 @f(i32 %a) {\n  switch i32 %a, label %w0 [\n");
        for (int at = 1; at < count; at++)
        {
            code.Append(CultureInfo.InvariantCulture, $"    i32 {at}, label %w{at}\n");
        }

        code.Append("  ]\n");
        for (int at = 0; at < count; at++)
        {
            code.Append(CultureInfo.InvariantCulture, $"w{at}:\n  br label %out\n");
        }

        code.Append("out:\n");
        for (int phi = 0; phi < count; phi++)
        {
            code.Append(CultureInfo.InvariantCulture, $"  %p{phi} = phi i32 ");
            for (int at = 0; at < count; at++)
            {
                code.Append(CultureInfo.InvariantCulture, $"{(at == 0 ? "" : ", ")}[ {(at * phi) & 0xFF}, %w{at} ]");
            }

            code.Append('\n');
        }

        code.Append("  %s0 = add i32 %p0, 0\n");
        for (int phi = 1; phi < count; phi++)
        {
            code.Append(CultureInfo.InvariantCulture, $"  %s{phi} = add i32 %s{phi - 1}, %p{phi}\n");
        }

        return code.Append(CultureInfo.InvariantCulture, $"  ret i32 %s{count - 1}\n}}\n").ToString();
    }

    private static string Loops(int depth)
    {
        var code = new StringBuilder("define i32 @f(i32 %n, ptr %p) {\n  br label %h0\n");
        for (int at = 0; at < depth; at++)
        {
            string from = at == 0 ? "0" : $"h{at - 1}";
            code.Append(
                CultureInfo.InvariantCulture, $"h{at}:\n  %i{at} = phi i32 [ 0, %{from} ], [ %j{at}, %l{at} ]\n");
            code.Append(CultureInfo.InvariantCulture, $"  store volatile i32 %i{at}, ptr %p\n");
            code.Append(at + 1 == depth ? $"  br label %l{at}\n" : $"  br label %h{at + 1}\n");
        }

        for (int at = depth - 1; 0 <= at; at--)
        {
            code.Append(CultureInfo.InvariantCulture, $"l{at}:\n  %j{at} = add i32 %i{at}, 1\n");
            code.Append(CultureInfo.InvariantCulture, $"  %c{at} = icmp ult i32 %j{at}, %n\n");
            string next = at == 0 ? "out" : $"l{at - 1}";
            code.Append(CultureInfo.InvariantCulture, $"  br i1 %c{at}, label %h{at}, label %{next}\n");
        }

        return code.Append("out:\n  ret i32 0\n}\n").ToString();
    }

    private static string Locals(int count)
    {
        var code = new StringBuilder("define i64 @f(i64 %a, ptr %p) {\n");
        for (int at = 0; at < count; at++)
        {
            code.Append(CultureInfo.InvariantCulture, $"  %m{at} = alloca i64\n  store i64 %a, ptr %m{at}\n");
        }

        code.Append("  br label %b0\n");
        for (int at = 0; at < count; at++)
        {
            code.Append(CultureInfo.InvariantCulture, $"b{at}:\n  %x{at} = load i64, ptr %m{at}\n");
            code.Append(CultureInfo.InvariantCulture, $"  %y{at} = load volatile i64, ptr %p\n");
            code.Append(CultureInfo.InvariantCulture, $"  %z{at} = add i64 %x{at}, %y{at}\n");
            code.Append(CultureInfo.InvariantCulture, $"  store i64 %z{at}, ptr %m{(at * 7919 + 13) % count}\n");
            code.Append(CultureInfo.InvariantCulture, $"  %c{at} = icmp ult i64 %z{at}, {at + 5}\n");
            string ahead = $"b{at + 1}";
            string back = $"b{at * 31 % (at + 1)}";
            code.Append(CultureInfo.InvariantCulture, $"  br i1 %c{at}, label %{ahead}, label %{back}\n");
        }

        return code.Append(CultureInfo.InvariantCulture, $"b{count}:\n  ret i64 0\n}}\n").ToString();
    }
}
