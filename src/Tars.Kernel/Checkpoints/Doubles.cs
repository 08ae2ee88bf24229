using Tars.Base;

namespace Tars.Kernel.Checkpoints;

/// <summary>The octets of some numbers: how many, then their bits.</summary>
internal static class Doubles
{
    public static void Save(ByteWriter output, ReadOnlySpan<double> numbers)
    {
        output.U32((uint)numbers.Length);
        foreach (double number in numbers)
        {
            output.F64(number);
        }
    }

    public static double[] Load(ref ByteReader input)
    {
        uint count = input.U32();
        var octets = new ByteReader(input.Bytes(8L * count));
        if (input.Failed)
        {
            return [];
        }

        double[] numbers = new double[count];
        for (int index = 0; index < numbers.Length; index++)
        {
            numbers[index] = octets.F64();
        }

        return numbers;
    }
}
