use super::*;

fn flush(content: &mut Content) {
    let flushing = content.begin_flush();
    content.end_flush(flushing);
}

fn left(content: &Content, tear: &mut Tear) -> Vec<u8> {
    let (content, _) = content.after_cut(tear);
    content.read(0, u64::MAX)
}

#[test]
fn reads_what_was_written_across_pages_and_zeroes_between() {
    let mut content = Content::default();
    content.write(4090, b"0123456789");
    assert_eq!(content.size(), 4100);
    assert_eq!(content.read(4088, 100), b"\0\x000123456789");
    content.resize(4094);
    content.resize(4100);
    assert_eq!(content.read(4090, 100), b"0123\0\0\0\0\0\0");
}

#[test]
fn only_what_was_flushed_is_left() {
    let mut content = Content::default();
    content.write(0, b"old");
    flush(&mut content);
    content.write(0, b"new and longer");
    assert_eq!(left(&content, &mut Tear::clean()), b"old");
    content.resize(0);
    assert_eq!(left(&content, &mut Tear::clean()), b"old");
    flush(&mut content);
    assert_eq!(left(&content, &mut Tear::clean()), b"");
}

#[test]
fn a_flush_takes_what_there_was_when_it_began() {
    let mut content = Content::default();
    content.write(0, b"before");
    let flushing = content.begin_flush();
    content.write(0, b"during");
    content.write(5000, b"more");
    content.end_flush(flushing);
    assert_eq!(left(&content, &mut Tear::clean()), b"before");
    flush(&mut content);
    assert_eq!(&left(&content, &mut Tear::clean())[..6], b"during");
}

#[test]
fn a_page_or_sector_survives_whole_or_not_at_all_and_the_flushed_is_never_lost() {
    const FLUSHED: usize = 5000;
    const ALL: usize = 40_000;
    let mut content = Content::default();
    content.write(0, &[1; FLUSHED]);
    flush(&mut content);
    content.write(FLUSHED as u64, &[2; ALL - FLUSHED]);
    let mut lengths = BTreeSet::new();
    for seed in 0..50 {
        let left = left(&content, &mut Tear::seeded(seed));
        assert!((FLUSHED..=ALL).contains(&left.len()), "{}", left.len());
        assert!(left[..FLUSHED].iter().all(|byte| *byte == 1));
        for sector in left.chunks(512).skip(FLUSHED / 512 + 1) {
            assert!(sector.iter().all(|byte| *byte == sector[0]), "a sector is half written");
        }
        lengths.insert(left.len());
    }
    assert!(lengths.len() > 3, "seeds tear differently: {lengths:?}");
}

#[test]
fn the_same_seed_tears_the_same() {
    let mut content = Content::default();
    content.write(0, &[7; 100_000]);
    assert_eq!(left(&content, &mut Tear::seeded(3)), left(&content, &mut Tear::seeded(3)));
    assert_ne!(left(&content, &mut Tear::seeded(3)), left(&content, &mut Tear::seeded(4)));
}

#[test]
fn what_was_cut_short_and_written_anew_is_the_old_file_or_the_new_one() {
    let mut content = Content::default();
    content.write(0, &[1; 3000]);
    flush(&mut content);
    content.resize(0);
    content.write(0, &[2; 3000]);
    for seed in 0..50 {
        let left = left(&content, &mut Tear::seeded(seed));
        let olds = left.iter().filter(|byte| **byte == 1).count();
        assert!(olds == 0 || olds == 3000, "{olds} bytes of the old file in the new one");
    }
}
