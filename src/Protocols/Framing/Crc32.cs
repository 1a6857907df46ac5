namespace Fairlead.Protocols.Framing;

/// <summary>CRC-32 of IEEE 802.3, reflected: the checksum of gzip, PNG and AWS event streams. The framework keeps its own to itself.</summary>
internal static class Crc32
{
    // One row per byte position: eight bytes at a time instead of one.
    private static readonly uint[][] Tables = Build();

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        while (bytes.Length >= 8)
        {
            var low = crc ^ System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            var high = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = Tables[7][(byte)low] ^ Tables[6][(byte)(low >> 8)] ^ Tables[5][(byte)(low >> 16)] ^ Tables[4][low >> 24]
                ^ Tables[3][(byte)high] ^ Tables[2][(byte)(high >> 8)] ^ Tables[1][(byte)(high >> 16)] ^ Tables[0][high >> 24];
            bytes = bytes[8..];
        }

        foreach (var b in bytes)
            crc = Tables[0][(byte)(crc ^ b)] ^ (crc >> 8);
        return ~crc;
    }

    private static uint[][] Build()
    {
        var tables = new uint[8][];
        for (var row = 0; row < 8; row++)
        {
            tables[row] = new uint[256];
            for (var value = 0; value < 256; value++)
                tables[row][value] = row == 0 ? Step((uint)value) : tables[0][(byte)tables[row - 1][value]] ^ (tables[row - 1][value] >> 8);
        }

        return tables;
    }

    private static uint Step(uint value)
    {
        for (var bit = 0; bit < 8; bit++)
            value = (value & 1) == 0 ? value >> 1 : (value >> 1) ^ 0xEDB88320;
        return value;
    }
}
