using System.Buffers.Binary;

namespace Tars.Engine.Vm.Machine;

/// <summary>A little machine code that touches pages, so that hypervisor and processor know them.</summary>
internal static class WarmUp
{
    /// <summary>Writes the code: one loop for each stretch, then the door.</summary>
    public static void Write(Span<byte> text, params ReadOnlySpan<Stretch> stretches)
    {
        int at = 0;
        foreach (var stretch in stretches)
        {
            int pages = (int)(stretch.Size / GuestMap.PageSize);
            if (pages == 0)
            {
                continue;
            }

            Put(text, ref at, [0x48, 0xBF]); // mov rdi, address
            BinaryPrimitives.WriteInt64LittleEndian(text[at..], stretch.Address);
            at += sizeof(long);
            Put(text, ref at, [0xB9]); // mov ecx, pages
            BinaryPrimitives.WriteInt32LittleEndian(text[at..], pages);
            at += sizeof(int);

            // or byte [rdi], 0; or else: mov al, [rdi]; nop
            Put(text, ref at, stretch.IsWritable ? [0x80, 0x0F, 0x00] : [0x8A, 0x07, 0x90]);
            Put(text, ref at, [0x48, 0x81, 0xC7, 0x00, 0x10, 0x00, 0x00]); // add rdi, 4096
            Put(text, ref at, [0xFF, 0xC9, 0x75, 0xF2]); // dec ecx; jnz to the touch
        }

        Put(text, ref at, [0xE7, GuestMap.Port.Done]);
    }

    private static void Put(Span<byte> text, ref int at, ReadOnlySpan<byte> code)
    {
        code.CopyTo(text[at..]);
        at += code.Length;
    }

    /// <summary>Pages that follow each other.</summary>
    internal readonly record struct Stretch(long Address, long Size, bool IsWritable);
}
