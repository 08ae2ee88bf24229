using System.Globalization;
using Tars.Engine.Vm.Kvm;
using Tars.Engine.Vm.Llvm;

namespace Tars.Engine.Vm.Compiling;

/// <summary>LLVM's text that every module has: attributes, declarations, and what moves many octets.</summary>
internal static class RuntimeText
{
    /// <summary>Above the functions. The attributes: #0 of all code, #1 of what moves, #2 of what is entered, #3 of
    /// what keeps all registers.</summary>
    /// <remarks>
    /// A stack that a function aligned for its wide vectors would be larger than its frame is said to be. A function
    /// that restores all wide registers must not clear their upper halves behind that, as LLVM would.
    /// </remarks>
    /// <param name="level">What the functions may use; the text alone says it, so that it is part of an object's
    /// key.</param>
    public static string Head(ProcessorLevel level)
    {
        string all = $"""
            null_pointer_is_valid "no-builtins" "no-realign-stack" "target-cpu"="{CpuOf(level)}" "warn-stack-size"="0"
            """;
        return $$"""
            target triple = "x86_64-unknown-linux-gnu"
            @tars.control = external dso_local global i8
            attributes #0 = { nounwind "probe-stack"="inline-asm" {{all}} }
            attributes #1 = { nounwind noinline {{all}} }
            attributes #2 = { nounwind noinline "probe-stack"="inline-asm" {{all}} }
            attributes #3 = { nounwind noinline "target-features"="-vzeroupper" {{all}} }
            declare void @llvm.trap()

            """;
    }

    // As LLVM names it.
    private static string CpuOf(ProcessorLevel level) => level switch
    {
        ProcessorLevel.V2 => LlvmCompiler.Cpu,
        ProcessorLevel.V3 => "x86-64-v3",
    };

    // Many octets go by the processor's own copy, which begins slowly; few in sixteens. Never in line, so that LLVM
    // neither leaves out nor moves what they write (I2 of FunctionEmitter).
    private const string Movers =
        """
        define internal void @tars.fill(ptr %to, i8 %value, i64 %count) #1 {
        begin:
          %isLong = icmp ugt i64 %count, 255
          br i1 %isLong, label %long, label %short
        long:
          %doneLong = call { ptr, i64 } asm sideeffect "rep stosb",
            "={di},={cx},{al},0,1,~{memory},~{dirflag},~{fpsr},~{flags}"(i8 %value, ptr %to, i64 %count)
          ret void
        short:
          %one = insertelement <16 x i8> poison, i8 %value, i32 0
          %all = shufflevector <16 x i8> %one, <16 x i8> poison, <16 x i32> zeroinitializer
          br label %next16
        next16:
          %at = phi i64 [ 0, %short ], [ %after, %fill16 ]
          %after = add i64 %at, 16
          %fits = icmp ule i64 %after, %count
          br i1 %fits, label %fill16, label %next1
        fill16:
          %p16 = getelementptr i8, ptr %to, i64 %at
          store volatile <16 x i8> %all, ptr %p16, align 1
          br label %next16
        next1:
          %at1 = phi i64 [ %at, %next16 ], [ %after1, %fill1 ]
          %isLeft = icmp ult i64 %at1, %count
          br i1 %isLeft, label %fill1, label %done
        fill1:
          %p1 = getelementptr i8, ptr %to, i64 %at1
          store volatile i8 %value, ptr %p1, align 1
          %after1 = add i64 %at1, 1
          br label %next1
        done:
          ret void
        }

        define internal void @tars.fill.references(ptr %to, i64 %value, i64 %count) #1 {
        begin:
          br label %next
        next:
          %at = phi i64 [ 0, %begin ], [ %after, %fill ]
          %isLeft = icmp ult i64 %at, %count
          br i1 %isLeft, label %fill, label %done
        fill:
          %p = getelementptr i64, ptr %to, i64 %at
          store volatile i64 %value, ptr %p, align 8
          %after = add i64 %at, 1
          br label %next
        done:
          ret void
        }

        define internal void @tars.move(ptr %to, ptr %from, i64 %count) #1 {
        begin:
          %t = ptrtoint ptr %to to i64
          %f = ptrtoint ptr %from to i64
          %ahead = sub i64 %t, %f
          %overlaps = icmp ult i64 %ahead, %count
          br i1 %overlaps, label %back16, label %forward
        forward:
          %behind = sub i64 %f, %t
          %isFar = icmp ugt i64 %behind, 63
          %isLong = icmp ugt i64 %count, 255
          %isBulk = and i1 %isFar, %isLong
          br i1 %isBulk, label %long, label %next16
        long:
          %doneLong = call { ptr, ptr, i64 } asm sideeffect "rep movsb",
            "={di},={si},={cx},0,1,2,~{memory},~{dirflag},~{fpsr},~{flags}"(ptr %to, ptr %from, i64 %count)
          ret void
        next16:
          %at = phi i64 [ 0, %forward ], [ %after, %move16 ]
          %after = add i64 %at, 16
          %fits = icmp ule i64 %after, %count
          br i1 %fits, label %move16, label %next1
        move16:
          %s16 = getelementptr i8, ptr %from, i64 %at
          %v16 = load volatile <16 x i8>, ptr %s16, align 1
          %d16 = getelementptr i8, ptr %to, i64 %at
          store volatile <16 x i8> %v16, ptr %d16, align 1
          br label %next16
        next1:
          %at1 = phi i64 [ %at, %next16 ], [ %after1, %move1 ]
          %isLeft = icmp ult i64 %at1, %count
          br i1 %isLeft, label %move1, label %done
        move1:
          %s1 = getelementptr i8, ptr %from, i64 %at1
          %v1 = load volatile i8, ptr %s1, align 1
          %d1 = getelementptr i8, ptr %to, i64 %at1
          store volatile i8 %v1, ptr %d1, align 1
          %after1 = add i64 %at1, 1
          br label %next1
        back16:
          %end = phi i64 [ %count, %begin ], [ %end16, %moveBack16 ]
          %has16 = icmp ugt i64 %end, 15
          br i1 %has16, label %moveBack16, label %back1
        moveBack16:
          %end16 = sub i64 %end, 16
          %sb16 = getelementptr i8, ptr %from, i64 %end16
          %vb16 = load volatile <16 x i8>, ptr %sb16, align 1
          %db16 = getelementptr i8, ptr %to, i64 %end16
          store volatile <16 x i8> %vb16, ptr %db16, align 1
          br label %back16
        back1:
          %endB = phi i64 [ %end, %back16 ], [ %end1, %moveBack1 ]
          %has1 = icmp ne i64 %endB, 0
          br i1 %has1, label %moveBack1, label %done
        moveBack1:
          %end1 = sub i64 %endB, 1
          %sb1 = getelementptr i8, ptr %from, i64 %end1
          %vb1 = load volatile i8, ptr %sb1, align 1
          %db1 = getelementptr i8, ptr %to, i64 %end1
          store volatile i8 %vb1, ptr %db1, align 1
          br label %back1
        done:
          ret void
        }

        """;

    private static readonly string[] _floatUnary = ["fabs", "ceil", "floor", "trunc", "roundeven", "sqrt"];

    private static readonly string[] _floatBinary = ["copysign", "minimum", "maximum"];

    private static readonly string[] _laneBinary =
        ["smin", "umin", "smax", "umax", "sadd.sat", "uadd.sat", "ssub.sat", "usub.sat"];

    // Per name the types that it is called with: result, then parameters.
    private static readonly (string Name, string Result, string Parameters)[] _intrinsics =
    [
        .. new[] { "i32", "i64" }.SelectMany(ScalarIntrinsics),
        .. new[] { ("f32", "float"), ("f64", "double"), ("v4f32", "<4 x float>"), ("v2f64", "<2 x double>") }
            .SelectMany(type => FloatIntrinsics(type.Item1, type.Item2)),
        .. new[] { ("v16i8", "<16 x i8>"), ("v8i16", "<8 x i16>"), ("v4i32", "<4 x i32>"), ("v2i64", "<2 x i64>") }
            .SelectMany(type => LaneIntrinsics(type.Item1, type.Item2)),
        ("ctpop.v16i8", "<16 x i8>", "<16 x i8>"),
        ("fptosi.sat.v4i32.v4f32", "<4 x i32>", "<4 x float>"),
        ("fptoui.sat.v4i32.v4f32", "<4 x i32>", "<4 x float>"),
        ("fptosi.sat.v2i32.v2f64", "<2 x i32>", "<2 x double>"),
        ("fptoui.sat.v2i32.v2f64", "<2 x i32>", "<2 x double>"),
        ("x86.ssse3.pshuf.b.128", "<16 x i8>", "<16 x i8>, <16 x i8>"),
        ("x86.ssse3.pmul.hr.sw.128", "<8 x i16>", "<8 x i16>, <8 x i16>"),
        ("x86.sse2.pmadd.wd", "<4 x i32>", "<8 x i16>, <8 x i16>"),
        ("x86.sse2.packsswb.128", "<16 x i8>", "<8 x i16>, <8 x i16>"),
        ("x86.sse2.packuswb.128", "<16 x i8>", "<8 x i16>, <8 x i16>"),
        ("x86.sse2.packssdw.128", "<8 x i16>", "<4 x i32>, <4 x i32>"),
        ("x86.sse41.packusdw", "<8 x i16>", "<4 x i32>, <4 x i32>"),
    ];

    /// <summary>Declarations of LLVM's own functions, and the functions that move octets or make NaNs
    /// canonical.</summary>
    public static string Tail { get; } = Movers
        + Canonical("f64", "double", "i64 9221120237041090560") + Canonical("f32", "float", "i32 2143289344")
        + string.Concat(_intrinsics.Select(row => $"declare {row.Result} @llvm.{row.Name}({row.Parameters})\n"));

    /// <summary>The instruction that leaves the machine.</summary>
    public static string LeaveBy(int port, string number) => string.Create(
        CultureInfo.InvariantCulture,
        $"call void asm sideeffect \"outl %eax, $$0x{port:x}\", "
        + $"\"{{eax}},~{{memory}},~{{dirflag}},~{{fpsr}},~{{flags}}\"(i32 {number})");

    // A loop's stores of floats, which left NaNs behind: each becomes the canonical one.
    private static string Canonical(string name, string type, string canonical) =>
        $$"""
        define internal preserve_allcc void @tars.canonical.{{name}}(ptr %at, i64 %step, i64 %turns, i64 %lanes) #3 {
        begin:
          br label %turn
        turn:
          %left = phi i64 [ %turns, %begin ], [ %fewer, %next ]
          %here = phi ptr [ %at, %begin ], [ %there, %next ]
          br label %lane
        lane:
          %place = phi i64 [ 0, %turn ], [ %beside, %tested ]
          %p = getelementptr {{type}}, ptr %here, i64 %place
          %value = load volatile {{type}}, ptr %p, align 1
          %isNaN = fcmp uno {{type}} %value, %value
          br i1 %isNaN, label %make, label %tested
        make:
          store volatile {{canonical}}, ptr %p, align 1
          br label %tested
        tested:
          %beside = add i64 %place, 1
          %isIn = icmp ult i64 %beside, %lanes
          br i1 %isIn, label %lane, label %next
        next:
          %there = getelementptr i8, ptr %here, i64 %step
          %fewer = sub i64 %left, 1
          %isDone = icmp eq i64 %fewer, 0
          br i1 %isDone, label %done, label %turn
        done:
          ret void
        }

        """;

    private static IEnumerable<(string Name, string Result, string Parameters)> ScalarIntrinsics(string type) =>
    [
        ($"ctlz.{type}", type, $"{type}, i1"),
        ($"cttz.{type}", type, $"{type}, i1"),
        ($"ctpop.{type}", type, type),
        ($"fshl.{type}", type, $"{type}, {type}, {type}"),
        ($"fshr.{type}", type, $"{type}, {type}, {type}"),
        ($"fptosi.sat.{type}.f32", type, "float"),
        ($"fptoui.sat.{type}.f32", type, "float"),
        ($"fptosi.sat.{type}.f64", type, "double"),
        ($"fptoui.sat.{type}.f64", type, "double"),
    ];

    private static IEnumerable<(string Name, string Result, string Parameters)> FloatIntrinsics(
        string suffix, string type) =>
    [
        .. _floatUnary.Select(name => ($"{name}.{suffix}", type, type)),
        .. _floatBinary.Select(name => ($"{name}.{suffix}", type, $"{type}, {type}")),
    ];

    private static IEnumerable<(string Name, string Result, string Parameters)> LaneIntrinsics(
        string suffix, string type) =>
    [
        ($"abs.{suffix}", type, $"{type}, i1"),
        .. _laneBinary.Select(name => ($"{name}.{suffix}", type, $"{type}, {type}")),
    ];
}
