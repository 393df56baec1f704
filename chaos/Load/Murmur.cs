namespace ExposureMonitor.Chaos;

/// <summary>The partitioner of Kafka's own clients (murmur2), written from its definition: which partition a customer lives in.</summary>
internal static class Murmur
{
    internal static int PartitionOf(string key, int partitions) => (int)(Hash(System.Text.Encoding.ASCII.GetBytes(key)) & 0x7fffffff) % partitions;

    private static uint Hash(byte[] data)
    {
        unchecked
        {
            const uint m = 0x5bd1e995;
            var h = 0x9747b28c ^ (uint)data.Length;
            var i = 0;
            for (; i + 4 <= data.Length; i += 4)
            {
                var k = BitConverter.ToUInt32(data, i) * m;
                k ^= k >> 24;
                h = h * m ^ k * m;
            }

            switch (data.Length - i)
            {
                case 3: h ^= (uint)data[i + 2] << 16; goto case 2;
                case 2: h ^= (uint)data[i + 1] << 8; goto case 1;
                case 1: h = (h ^ data[i]) * m; break;
            }

            h ^= h >> 13;
            h *= m;
            return h ^ h >> 15;
        }
    }
}
